package dev.sluice.worker.provider.openai;

import static dev.sluice.worker.provider.Answers.broken;
import static dev.sluice.worker.provider.Answers.chat;
import static dev.sluice.worker.provider.Answers.complete;
import static dev.sluice.worker.provider.Upstreams.chunk;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.TokenKind;
import dev.sluice.worker.core.Cause;
import dev.sluice.worker.core.TokenUsage;
import dev.sluice.worker.provider.AnswerSink;
import dev.sluice.worker.provider.Answers;
import dev.sluice.worker.provider.Cancellation;
import dev.sluice.worker.provider.MockUpstream;
import dev.sluice.worker.provider.ProviderAnswer;
import dev.sluice.worker.provider.Upstreams;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// How long an upstream is waited for, and what is left of a call that is no longer wanted.
class OpenAiWaitsTest {
  private static final String PROMPT = "{\"model\":\"m\",\"messages\":[{\"content\":\"hello\"}]}";
  private static final Policy.Timeouts SHORT =
      Upstreams.timeouts(Duration.ofMillis(400), Duration.ofMillis(200), Duration.ofSeconds(2));

  private final Upstreams fixture = new Upstreams();
  private final Answers sink = new Answers();
  private final Cancellation cancellation = new Cancellation();

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  @Test
  void aConnectionThatIsNotTakenEndsAtTheConnectTimeoutAndCostsNothing() throws Exception {
    try (FullServer server = new FullServer()) {
      long before = System.nanoTime();

      var failed =
          broken(
              Cause.TIMEOUT,
              fixture
                  .provider(server.url(), Upstreams.patient(), Optional.empty())
                  .call(chat(PROMPT, false), sink, cancellation));

      assertTook(Upstreams.patient().connect(), before);
      assertTrue(failed.failure().message().contains("no connection"), failed::toString);
      assertEquals(TokenUsage.NONE, failed.usage());
    }
  }

  @Test
  void silenceInTheMiddleOfAStreamEndsItAfterTheIdleTimeout() throws Exception {
    var failed =
        broken(
            Cause.TIMEOUT,
            call(
                (_, c) -> {
                  c.beginStream();
                  c.event(chunk("a", null));
                  c.silence();
                },
                SHORT,
                true));

    assertTrue(failed.failure().message().contains("middle"));
    assertEquals(1, failed.usage().count(TokenKind.OUTPUT));
  }

  @Test
  void whilePartsCannotBePassedOnTheSilenceIsNotTheProviders() throws Exception {
    sink.onChunk = () -> LockSupport.parkNanos(SHORT.idle().multipliedBy(3).toNanos());

    complete(
        call(
            (_, c) -> {
              c.beginStream();
              c.event(chunk("a", null));
              c.event(chunk("b", "stop"));
              c.event("[DONE]");
              c.endStream();
            },
            SHORT,
            true));
  }

  @Test
  void slowDripEndsAtTheTotalTimeout() throws Exception {
    long before = System.nanoTime();
    CompletableFuture<Void> over = new CompletableFuture<>();
    var failed =
        broken(
            Cause.TIMEOUT,
            call(
                (_, c) -> {
                  c.beginStream();
                  while (!over.isDone()) {
                    c.piece(":");
                    over.completeOnTimeout(null, 3, TimeUnit.SECONDS);
                    pause(over, 50);
                  }
                },
                Upstreams.timeouts(
                    Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(2)),
                true));
    over.complete(null);

    assertTook(Duration.ofSeconds(2), before);
    assertTrue(failed.failure().message().contains("total"));
  }

  @Test
  void aPlainAnswerMayBeginLaterThanTheFirstTokenOfAStream() throws Exception {
    MockUpstream upstream =
        fixture.upstream((_, c) -> {
          LockSupport.parkNanos(Duration.ofMillis(300).toNanos());
          c.json(200, "{\"choices\":[],\"usage\":{}}");
        });

    ProviderAnswer answer =
        fixture
            .provider(
                upstream,
                Upstreams.timeouts(
                    Duration.ofMillis(50), Duration.ofSeconds(5), Duration.ofSeconds(10)))
            .call(chat(PROMPT, false), sink, cancellation);

    assertInstanceOf(ProviderAnswer.Complete.class, answer);
  }

  @Test
  void cancellationReachesTheUpstreamsSocket() throws Exception {
    MockUpstream upstream =
        fixture.upstream((_, c) -> {
          c.beginStream();
          c.event(chunk("a", null));
          c.silence();
        });
    sink.onChunk = cancellation::cancel;

    broken(
        Cause.CANCELLED,
        fixture
            .provider(upstream, Upstreams.patient())
            .call(chat(PROMPT, true), sink, cancellation));

    assertTrue(upstream.hungUp.await(5, TimeUnit.SECONDS));
  }

  @Test
  void aCancelThatMeetsAWholeAnswerKeepsItsCounts() throws Exception {
    MockUpstream upstream =
        fixture.upstream((_, c) ->
            c.json(
                200, "{\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7}}"));
    AnswerSink cancelling =
        new AnswerSink() {
          @Override
          public void firstByte() {
            cancellation.cancel();
          }

          @Override
          public void chunk(byte[] data) {
            // A plain answer has none.
          }
        };

    var failed =
        broken(
            Cause.CANCELLED,
            fixture
                .provider(upstream, Upstreams.patient())
                .call(chat(PROMPT, false), cancelling, cancellation));

    assertEquals(TokenUsage.Source.REPORTED, failed.usage().source());
    assertEquals(7, failed.usage().count(TokenKind.OUTPUT));
  }

  @Test
  void cancellationBeforeTheHeadersReachesTheUpstreamsSocket() throws Exception {
    MockUpstream upstream =
        fixture.upstream((_, c) -> {
          cancellation.cancel();
          c.silence();
        });

    broken(
        Cause.CANCELLED,
        fixture
            .provider(upstream, Upstreams.patient())
            .call(chat(PROMPT, false), sink, cancellation));

    assertTrue(upstream.hungUp.await(5, TimeUnit.SECONDS));
  }

  private ProviderAnswer call(MockUpstream.Script script, Policy.Timeouts timeouts, boolean stream)
      throws Exception {
    return fixture
        .provider(fixture.upstream(script), timeouts)
        .call(chat(PROMPT, stream), sink, cancellation);
  }

  /// So long, and less than any other bound.
  private static void assertTook(Duration bound, long before) {
    long tookMillis = Duration.ofNanos(System.nanoTime() - before).toMillis();
    assertTrue(
        tookMillis >= bound.toMillis() - 10 && tookMillis < 10_000, "took " + tookMillis + " ms");
  }

  private static void pause(CompletableFuture<Void> until, long millis) throws Exception {
    try {
      until.get(millis, TimeUnit.MILLISECONDS);
    } catch (java.util.concurrent.TimeoutException e) {
      // Time to drip again.
      return;
    }
  }

  /// A server that takes no connection and has no place for another one to wait: it is neither
  /// taken nor refused.
  private static final class FullServer implements AutoCloseable {
    private static final int MOST = 64;
    private static final int HANGS_MILLIS = 300;

    private final ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final List<Socket> waiting = new ArrayList<>();

    FullServer() throws IOException {
      while (waits()) {
        assertTrue(waiting.size() < MOST, "the queue of connections is never full");
      }
    }

    private boolean waits() throws IOException {
      Socket socket = new Socket();
      waiting.add(socket);
      try {
        socket.connect(listener.getLocalSocketAddress(), HANGS_MILLIS);
        return true;
      } catch (SocketTimeoutException e) {
        return false;
      }
    }

    URI url() {
      return URI.create("http://127.0.0.1:" + listener.getLocalPort() + "/v1");
    }

    @Override
    public void close() throws IOException {
      for (Socket socket : waiting) {
        socket.close();
      }
      listener.close();
    }
  }
}
