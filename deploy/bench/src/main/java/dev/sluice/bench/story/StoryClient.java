package dev.sluice.bench.story;

import dev.sluice.bench.story.Story.Traffic;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The callers of a story. Each request is sent when it is due, in a virtual thread of its own.
///
/// Safe for many threads.
final class StoryClient implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration LAST_ANSWERS = Duration.ofSeconds(90);
  private static final Duration ENDS = Duration.ofSeconds(60);

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .executor(Executors.newVirtualThreadPerTaskExecutor())
          .build();
  private final URI sluice;
  private final Phaser unanswered = new Phaser(1);

  StoryClient(URI sluice) {
    this.sluice = sluice;
  }

  /// A request and what came back at once.
  ///
  /// @param due from the beginning of the story
  /// @param status 0 when nothing came back
  /// @param nanos from when it was due to its answer
  record Sent(Traffic line, Duration due, int status, String job, long nanos) {}

  /// One call of a provider.
  record Attempt(String pool, boolean succeeded, Instant startedAt) {}

  /// What Sluice says of a request afterwards.
  ///
  /// @param waited from its coming to its first call
  record Told(Sent sent, boolean succeeded, Optional<Duration> waited, List<Attempt> attempts) {}

  static String key(String tenant) {
    return "sk-sluice-story-key-of-" + tenant;
  }

  /// The variable in which the policy finds a tenant's key.
  static String variable(String tenant) {
    return "STORY_KEY_" + tenant.toUpperCase(Locale.ROOT).replace('-', '_');
  }

  static void sleepUntil(Instant when) {
    for (Duration left = Duration.between(Instant.now(), when);
        left.isPositive();
        left = Duration.between(Instant.now(), when)) {
      LockSupport.parkNanos(left.toNanos());
    }
  }

  /// Sends a line of traffic, and returns when its last request has been sent.
  ///
  /// @param begins when its first is due
  void send(Traffic line, Instant begins, Duration length, Consumer<Sent> answered) {
    long count = Math.round(line.perSecond() * length.toMillis() / 1e3);
    for (long i = 0; i < count; i++) {
      Duration due = Duration.ofNanos(Math.round(i * 1e9 / line.perSecond()));
      sleepUntil(begins.plus(due));
      unanswered.register();
      Instant dueAt = begins.plus(due);
      Thread.startVirtualThread(() -> {
        try {
          answered.accept(exchange(line, line.from().plus(due), dueAt));
        } finally {
          unanswered.arriveAndDeregister();
        }
      });
    }
  }

  /// Waits for all that was sent; what is not answered by then is lost.
  void awaitAnswers() throws InterruptedException {
    try {
      unanswered.awaitAdvanceInterruptibly(
          unanswered.arrive(), LAST_ANSWERS.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException("requests without an answer after " + LAST_ANSWERS, e);
    }
  }

  private Sent exchange(Traffic line, Duration due, Instant dueAt) {
    HttpRequest request =
        request(line, line.waits() ? "/v1/chat/completions" : "/v1/jobs")
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body(line)))
            .build();
    try {
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      String job =
          line.waits()
              ? answer.headers().firstValue("x-request-id").orElse("")
              : JSON.readTree(answer.body()).path("id").asString("");
      long nanos = Duration.between(dueAt, Instant.now()).toNanos();
      return new Sent(line, due, answer.statusCode(), job, Math.max(0, nanos));
    } catch (IOException e) {
      return new Sent(line, due, 0, "", 0);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Sent(line, due, 0, "", 0);
    }
  }

  private HttpRequest.Builder request(Traffic line, String path) {
    return HttpRequest.newBuilder(sluice.resolve(path))
        .timeout(LAST_ANSWERS)
        .header("authorization", "Bearer " + key(line.tenant()));
  }

  private static String body(Traffic line) {
    Map<String, Object> message = Map.of("role", "user", "content", "Tell me a story.");
    return JSON.writeValueAsString(
        line.waits()
            ? Map.of("model", line.model(), "messages", List.of(message))
            : Map.of(
                "model", line.model(), "messages", List.of(message), "priority", line.priority()));
  }

  /// What became of each; a request that is no job has not succeeded.
  List<Told> outcomes(List<Sent> sent) throws IOException, InterruptedException {
    List<Told> told = new ArrayList<>();
    for (Sent each : sent) {
      told.add(
          each.job().isEmpty()
              ? new Told(each, false, Optional.empty(), List.of())
              : outcome(each));
    }
    return told;
  }

  private Told outcome(Sent sent) throws IOException, InterruptedException {
    Instant patience = Instant.now().plus(ENDS);
    JsonNode job = read(sent);
    while (job.path("finished_at").isNull() && Instant.now().isBefore(patience)) {
      job = read(sent);
    }
    List<Attempt> attempts = new ArrayList<>();
    for (JsonNode attempt : job.path("attempts")) {
      // One that was given back without a call never started.
      time(attempt.path("started_at"))
          .ifPresent(at ->
              attempts.add(
                  new Attempt(
                      attempt.path("pool").asString(""),
                      attempt.path("outcome").asString("").equals("succeeded"),
                      at)));
    }
    Optional<Instant> created = time(job.path("created_at"));
    Optional<Duration> waited =
        attempts.stream()
            .map(Attempt::startedAt)
            .min(Instant::compareTo)
            .flatMap(first -> created.map(at -> Duration.between(at, first)));
    boolean right =
        job.path("status").asString("").equals("succeeded")
            && (!sent.line().waits() || sent.status() == 200);
    return new Told(sent, right, waited, attempts);
  }

  /// Long polls.
  private JsonNode read(Sent sent) throws IOException, InterruptedException {
    HttpRequest request = request(sent.line(), "/v1/jobs/" + sent.job() + "?wait=20").GET().build();
    return JSON.readTree(http.send(request, HttpResponse.BodyHandlers.ofString()).body());
  }

  private static Optional<Instant> time(JsonNode instant) {
    return instant.isString() ? Optional.of(Instant.parse(instant.asString())) : Optional.empty();
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
