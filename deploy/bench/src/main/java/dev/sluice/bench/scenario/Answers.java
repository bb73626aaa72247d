package dev.sluice.bench.scenario;

import dev.sluice.bench.process.SluiceProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Waiting calls at a steady pace, and when each job was answered: what must be in the costs.
final class Answers implements AutoCloseable {
  private static final int CALLERS = 8;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI url;
  private final Duration pause;
  private final Map<String, Long> answeredAt = new ConcurrentHashMap<>();
  private final List<Thread> callers = new ArrayList<>();
  private volatile boolean closed;

  /// @param perSecond calls of all callers together, where each is answered at once
  Answers(SluiceProcess sluice, int perSecond) {
    url = sluice.http().resolve("/v1/chat/completions");
    pause = Duration.ofSeconds(1).multipliedBy(CALLERS).dividedBy(perSecond);
  }

  /// Begins to call.
  Answers start() {
    for (int i = 0; i < CALLERS; i++) {
      callers.add(Thread.startVirtualThread(this::calls));
    }
    return this;
  }

  private void calls() {
    try {
      while (!closed) {
        call();
        Thread.sleep(pause);
      }
    } catch (IOException e) {
      // Sluice was killed: what is not answered is not counted here.
      closed = true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// One call; its job's id.
  String call() throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .header("Authorization", "Bearer " + SluiceProcess.KEY)
            .header("Content-Type", "application/json")
            .POST(
                BodyPublishers.ofString(
                    "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}"
                        .formatted(SluiceProcess.MODEL)))
            .build();
    HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException("answer " + answer.statusCode());
    }
    String job = answer.headers().firstValue("x-request-id").orElseThrow();
    answeredAt.put(job, System.nanoTime());
    return job;
  }

  /// When each job was answered, `System.nanoTime`.
  Map<String, Long> answeredAt() {
    return new HashMap<>(answeredAt);
  }

  /// Ends when the last caller has its answer.
  @Override
  public void close() {
    closed = true;
    try {
      for (Thread caller : callers) {
        caller.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    http.close();
  }
}
