package dev.sluice.worker.provider;

import static dev.sluice.worker.provider.Answers.broken;
import static dev.sluice.worker.provider.Answers.chat;
import static dev.sluice.worker.provider.Answers.complete;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.TokenKind;
import dev.sluice.worker.core.Cause;
import dev.sluice.worker.core.TokenUsage;
import dev.sluice.worker.wire.JsonText;
import dev.sluice.worker.wire.StreamAssembler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// What every provider must do. A provider's test extends it and says how to make one.
public abstract class ProviderContractTest {
  protected static final String PROMPT =
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Tell me of rivers\"}]}";
  private static final String PROMPT_WITH_USAGE =
      "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true},"
          + "\"messages\":[{\"role\":\"user\",\"content\":\"Tell me of rivers\"}]}";

  protected final Answers sink = new Answers();
  protected final Cancellation cancellation = new Cancellation();
  private Provider provider;

  /// A provider that answers each request at once, with several tokens.
  protected abstract Provider prompt() throws Exception;

  /// A provider that sends its tokens half a second apart, many of them.
  protected abstract Provider slow() throws Exception;

  /// A provider whose upstream fails with a status; 429 comes with a Retry-After of one second.
  protected abstract Provider failing(int status) throws Exception;

  /// A provider that is silent, with a first-token timeout of 300 ms.
  protected abstract Provider silent() throws Exception;

  /// A provider that breaks off after some tokens.
  protected abstract Provider cut() throws Exception;

  /// Model to ask the failing kinds for.
  protected String model(String kind) {
    return "m";
  }

  @AfterEach
  void closeProvider() {
    if (provider != null) {
      provider.close();
    }
  }

  @Test
  void answersAChatWithItsUsage() throws Exception {
    provider = prompt();

    var answer = complete(provider.call(chat(PROMPT, false), sink, cancellation));

    JsonNode body = JsonText.MAPPER.readTree(answer.body());
    assertEquals("chat.completion", body.path("object").asString());
    assertFalse(body.at("/choices/0/message/content").asString().isEmpty());
    assertEquals(TokenUsage.Source.REPORTED, answer.usage().source());
    assertTrue(answer.usage().count(TokenKind.INPUT) > 0);
    assertTrue(answer.usage().count(TokenKind.OUTPUT) > 0);
    assertTrue(sink.sawFirstByte);
    assertTrue(sink.chunks().isEmpty());
  }

  @Test
  void streamsChunksWhoseSumIsTheAnswer() throws Exception {
    provider = prompt();

    var answer = complete(provider.call(chat(PROMPT, true), sink, cancellation));

    StreamAssembler sum = new StreamAssembler();
    for (String chunk : sink.chunks()) {
      JsonNode read = JsonText.MAPPER.readTree(chunk);
      assertEquals("chat.completion.chunk", read.path("object").asString());
      sum.add(read);
    }
    JsonNode body = JsonText.MAPPER.readTree(answer.body());
    assertEquals(
        JsonText.MAPPER.readTree(sum.body()).at("/choices/0/message/content"),
        body.at("/choices/0/message/content"));
    assertTrue(sink.chunks().size() > 2);
    assertTrue(answer.usage().total() > 0);
  }

  @Test
  void showsTheUsageChunkOnlyToWhoAsksForIt() throws Exception {
    provider = prompt();
    Answers asking = new Answers();

    complete(provider.call(chat(PROMPT, true), sink, cancellation));
    complete(provider.call(chat(PROMPT_WITH_USAGE, true), asking, cancellation));

    assertTrue(sink.chunks().stream().noneMatch(ProviderContractTest::isUsageChunk));
    assertEquals(1, asking.chunks().stream().filter(ProviderContractTest::isUsageChunk).count());
  }

  @Test
  protected void answersEmbeddings() throws Exception {
    provider = prompt();
    ProviderRequest request =
        Answers.request("/v1/embeddings", "m", "{\"input\":[\"a\",\"b\"]}", false);

    var answer = complete(provider.call(request, sink, cancellation));

    assertEquals(2, JsonText.MAPPER.readTree(answer.body()).path("data").size());
    assertTrue(answer.usage().count(TokenKind.INPUT) > 0);
    assertEquals(0, answer.usage().count(TokenKind.OUTPUT));
  }

  @Test
  void namesTheCauseOfAnErrorStatusAndCountsNoTokens() throws Exception {
    provider = failing(500);
    var failed = broken(Cause.DOWN, call("500", false));

    assertEquals(500, failed.failure().providerStatus());
    assertEquals(0, failed.usage().total());
  }

  @Test
  void passesOnHowLongAThrottledCallerMustWait() throws Exception {
    provider = failing(429);
    var failed = broken(Cause.THROTTLED, call("429", true));

    assertEquals(Duration.ofSeconds(1), failed.failure().retryAfter().orElseThrow());
  }

  @Test
  void givesUpOnASilentUpstream() throws Exception {
    provider = silent();
    long before = System.nanoTime();

    var failed = broken(Cause.TIMEOUT, call("hang", true));

    assertTrue(Duration.ofNanos(System.nanoTime() - before).toMillis() >= 290);
    assertEquals(TokenUsage.Source.ESTIMATED, failed.usage().source());
    assertTrue(failed.usage().count(TokenKind.INPUT) > 0);
  }

  @Test
  void estimatesTheUsageOfAStreamThatIsCut() throws Exception {
    provider = cut();

    var failed = broken(Cause.DOWN, call("cut", true));

    assertFalse(sink.chunks().isEmpty());
    assertEquals(TokenUsage.Source.ESTIMATED, failed.usage().source());
    assertTrue(failed.usage().count(TokenKind.OUTPUT) > 0);
  }

  @Test
  void endsACallAtOnceWhenItIsCancelled() throws Exception {
    provider = slow();
    sink.onChunk = cancellation::cancel;
    CompletableFuture<ProviderAnswer> answer = new CompletableFuture<>();
    Thread.startVirtualThread(() -> {
      try {
        answer.complete(provider.call(chat(PROMPT, true), sink, cancellation));
      } catch (InterruptedException e) {
        answer.completeExceptionally(e);
      }
    });

    var failed = broken(Cause.CANCELLED, answer.get(10, TimeUnit.SECONDS));

    assertEquals(TokenUsage.Source.ESTIMATED, failed.usage().source());
    assertEquals(1, sink.chunks().size());
  }

  @Test
  void doesNotCallWhatIsCancelledAlready() throws Exception {
    provider = slow();
    cancellation.cancel();

    broken(Cause.CANCELLED, provider.call(chat(PROMPT, true), sink, cancellation));

    assertEquals(List.of(), sink.chunks());
  }

  private ProviderAnswer call(String kind, boolean stream) throws InterruptedException {
    return provider.call(
        Answers.request(Answers.CHAT, model(kind), PROMPT, stream), sink, cancellation);
  }

  private static boolean isUsageChunk(String chunk) {
    JsonNode read = JsonText.MAPPER.readTree(chunk);
    return read.path("choices").isEmpty() && read.path("usage").isObject();
  }
}
