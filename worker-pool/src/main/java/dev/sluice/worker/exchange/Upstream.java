package dev.sluice.worker.exchange;

import dev.sluice.contract.model.Policy;
import dev.sluice.worker.core.Cause;
import dev.sluice.worker.core.EndpointBalancer;
import dev.sluice.worker.core.EndpointChoice;
import dev.sluice.worker.core.Failure;
import dev.sluice.worker.core.FailureRules;
import dev.sluice.worker.core.RateLimits;
import dev.sluice.worker.core.TokenUsage;
import dev.sluice.worker.provider.AnswerSink;
import dev.sluice.worker.provider.Cancellation;
import dev.sluice.worker.provider.ProviderAnswer;
import dev.sluice.worker.provider.ProviderRequest;
import dev.sluice.worker.wire.PromptHead;
import dev.sluice.worker.wire.PromptSize;
import dev.sluice.worker.wire.RequestEdit;
import dev.sluice.worker.wire.StreamedAnswer;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;

/// Calls the servers of one pool over HTTP. Redirects are refused, so the key goes nowhere but to
/// the configured endpoints; it is resolved for each call and kept nowhere.
///
/// Safe for use by many threads.
public final class Upstream implements AutoCloseable {

  /// What the provider needs of its pool.
  ///
  /// @param key what is sent as the key, resolved at each call; empty to send none
  /// @param maxAnswerBytes longest answer accepted
  public record Settings(Policy.Pool pool, Optional<Supplier<String>> key, int maxAnswerBytes) {}

  private static final int CALLBACK_THREADS = 2;

  /// A server that lists its models no faster is no better than one that is away.
  private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(1);

  private final Settings settings;
  private final Protocol protocol;
  private final Watchdog watchdog;
  private final Clock clock;
  private final HttpClient client;

  /// Where calls with the same beginning of their prompts meet; empty where they need not.
  private final Optional<EndpointBalancer> balancer;

  public Upstream(Settings settings, Protocol protocol, Watchdog watchdog, Clock clock) {
    this.settings = settings;
    this.protocol = protocol;
    this.watchdog = watchdog;
    this.clock = clock;
    Policy.Pool pool = settings.pool;
    this.balancer =
        pool.affinity() == Policy.Affinity.PREFIX && pool.endpoints().size() > 1
            ? Optional.of(new EndpointBalancer(pool.endpoints()))
            : Optional.empty();
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.pool.timeouts().connect())
            .executor(callbacks())
            .build();
  }

  /// Runs the client's own steps, which never block for long. Two warm threads cost half of what
  /// the client's default costs, which wakes another thread for each step; they end when idle.
  private static Executor callbacks() {
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            CALLBACK_THREADS,
            CALLBACK_THREADS,
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().name("sluice-upstream-", 0).daemon().factory());
    executor.allowCoreThreadTimeOut(true);
    return executor;
  }

  /// Makes one call, as [dev.sluice.worker.provider.Provider#call] has it.
  public ProviderAnswer call(ProviderRequest request, AnswerSink sink, Cancellation cancellation)
      throws InterruptedException {
    Optional<String> head = balancer.isEmpty() ? Optional.empty() : PromptHead.of(request.body());
    if (head.isEmpty()) {
      Policy.Endpoint any =
          EndpointChoice.pick(settings.pool.endpoints(), ThreadLocalRandom.current().nextDouble());
      return call(any.url(), request, sink, cancellation);
    }
    String key = request.model() + "\n" + head.get();
    try (EndpointBalancer.Place place = balancer.orElseThrow().take(key, System.nanoTime())) {
      ProviderAnswer answer = call(place.endpoint().url(), request, sink, cancellation);
      if (answer instanceof ProviderAnswer.Broken broken
          && broken.failure().cause() == Cause.DOWN) {
        place.failed(System.nanoTime());
      }
      return answer;
    }
  }

  private ProviderAnswer call(
      URI base, ProviderRequest request, AnswerSink sink, Cancellation cancellation)
      throws InterruptedException {
    RequestEdit.Upstream upstream;
    HttpRequest http;
    try {
      upstream = RequestEdit.apply(request.body(), edits(request, base));
      http = httpRequest(request, base, upstream.body());
    } catch (IllegalArgumentException e) {
      return refused(Cause.REFUSED, "the body is not a JSON object that can be sent");
    } catch (KeyUnavailableException e) {
      return refused(Cause.INVALID_KEY, "the key of pool " + settings.pool.id() + " is missing");
    }
    Exchange exchange = new Exchange(client, http);
    Policy.Timeouts timeouts = settings.pool.timeouts();
    // A plain answer begins when all of it has been generated: only a stream has a first token.
    Duration beginning = request.stream() ? timeouts.firstToken() : timeouts.total();
    try (Watchdog.Watch watch = watchdog.watch(beginning, timeouts.total(), exchange::end)) {
      cancellation.onCancel(watch::cancel);
      return exchange(exchange, watch, request, upstream, sink);
    }
  }

  /// Whether any of the pool's servers lives, as [dev.sluice.worker.provider.Provider#probe] has
  /// it.
  public boolean probe() throws InterruptedException {
    for (Policy.Endpoint endpoint : settings.pool.endpoints()) {
      if (lives(endpoint.url())) {
        return true;
      }
    }
    return false;
  }

  private boolean lives(URI base) throws InterruptedException {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(protocol.models(base))
            .timeout(PROBE_TIMEOUT)
            .header("user-agent", "sluice")
            .GET();
    try {
      authorize(builder);
      return client.send(builder.build(), BodyHandlers.discarding()).statusCode() < 500;
    } catch (IOException | KeyUnavailableException e) {
      return false;
    }
  }

  private RequestEdit.Edits edits(ProviderRequest request, URI base) {
    return new RequestEdit.Edits(
        request.endpoint(),
        request.model(),
        request.stream(),
        protocol.maxTokensField(request.endpoint(), base),
        request.defaultMaxTokens());
  }

  private ProviderAnswer exchange(
      Exchange exchange,
      Watchdog.Watch watch,
      ProviderRequest request,
      RequestEdit.Upstream upstream,
      AnswerSink sink)
      throws InterruptedException {
    HttpResponse<InputStream> response;
    try {
      response = exchange.await();
    } catch (IOException e) {
      return notAnswered(watch, e, upstream.body());
    }
    RateLimits.read(name -> response.headers().firstValue(name), clock.instant())
        .ifPresent(sink::rateLimits);
    AnswerBody body =
        new AnswerBody(response, watch, settings.pool.timeouts().idle(), sink::firstByte);
    if (response.statusCode() != 200) {
      return errorStatus(response, body);
    }
    if (!request.stream()) {
      return new WholeAnswer(request, upstream.body(), settings.maxAnswerBytes).read(body);
    }
    StreamedAnswer answer = StreamedAnswer.of(request.endpoint(), upstream.wantsUsageChunk());
    return new StreamAnswer(upstream.body(), answer, settings.maxAnswerBytes, sink).read(body);
  }

  private ProviderAnswer errorStatus(HttpResponse<InputStream> response, AnswerBody body) {
    byte[] start = body.readStart(Failure.MAX_BODY_BYTES);
    Failure failure =
        FailureRules.ofStatus(
            response.statusCode(),
            response.headers().firstValue("retry-after"),
            start,
            clock.instant());
    return new ProviderAnswer.Broken(failure, TokenUsage.NONE);
  }

  private static ProviderAnswer notAnswered(Watchdog.Watch watch, IOException thrown, byte[] body) {
    if (watch.ended().isPresent()) {
      return new ProviderAnswer.Broken(
          Endings.failure(watch.ended().get()), TokenUsage.estimated(PromptSize.of(body), 0));
    }
    if (thrown instanceof HttpConnectTimeoutException) {
      return refused(Cause.TIMEOUT, "no connection to the provider in time");
    }
    if (thrown instanceof ConnectException || thrown instanceof SSLException) {
      return refused(Cause.DOWN, "no connection to the provider: " + reason(thrown));
    }
    // The request may have been read and worked on before the connection broke.
    return new ProviderAnswer.Broken(
        Failure.of(Cause.DOWN, "the connection broke before the answer: " + reason(thrown)),
        TokenUsage.estimated(PromptSize.of(body), 0));
  }

  private static String reason(IOException thrown) {
    return thrown.getClass().getSimpleName();
  }

  private static ProviderAnswer refused(Cause cause, String message) {
    return new ProviderAnswer.Broken(Failure.of(cause, message), TokenUsage.NONE);
  }

  private HttpRequest httpRequest(ProviderRequest request, URI base, byte[] body) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(protocol.target(base, request.endpoint()))
            .header("content-type", "application/json")
            .header("accept", request.stream() ? "text/event-stream" : "application/json")
            .header("user-agent", "sluice")
            .POST(BodyPublishers.ofByteArray(body));
    protocol.headers(request, builder);
    authorize(builder);
    return builder.build();
  }

  private void authorize(HttpRequest.Builder builder) {
    if (settings.key.isPresent()) {
      try {
        protocol.authorize(settings.key.get().get(), builder);
      } catch (RuntimeException e) {
        throw new KeyUnavailableException(e);
      }
    }
  }

  @Override
  public void close() {
    client.shutdown();
  }

  private static final class KeyUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    KeyUnavailableException(RuntimeException cause) {
      super(cause);
    }
  }
}
