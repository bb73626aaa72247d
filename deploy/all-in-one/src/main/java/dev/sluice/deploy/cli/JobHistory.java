package dev.sluice.deploy.cli;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/// What has happened to a job until now. The server ends the stream of a job that is over; that of
/// one that goes on is left after a moment.
final class JobHistory {
  private static final Duration UNFINISHED = Duration.ofMillis(1_500);
  private static final Duration FINISHED = Duration.ofSeconds(60);

  private JobHistory() {}

  /// An event that is not a part of the answer.
  record Told(String id, String name, JsonNode data) {}

  static List<Told> read(SluiceClient client, String id) {
    boolean ended = JobAnswer.isTerminal(JobAnswer.status(client.get("v1/jobs/" + id)));
    InputStream body = client.events("v1/jobs/" + id + "/events", java.util.Map.of());
    List<Told> told = new ArrayList<>();
    CountDownLatch end = new CountDownLatch(1);
    Thread reader =
        Thread.ofVirtual()
            .start(() -> {
              follow(body, told);
              end.countDown();
            });
    try {
      boolean whole = end.await((ended ? FINISHED : UNFINISHED).toMillis(), TimeUnit.MILLISECONDS);
      if (!whole) {
        // Ends the reader's wait for more.
        body.close();
        reader.join(FINISHED);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(ExitCode.FAILED, "interrupted");
    } catch (IOException e) {
      throw client.broken(e);
    }
    synchronized (told) {
      return List.copyOf(told);
    }
  }

  private static void follow(InputStream body, List<Told> told) {
    try (EventStream events = new EventStream(body)) {
      for (Optional<EventStream.Event> next = events.next();
          next.isPresent();
          next = events.next()) {
        EventStream.Event event = next.get();
        if (!event.name().equals("job.delta")) {
          synchronized (told) {
            told.add(new Told(event.id(), event.name(), SluiceClient.JSON.readTree(event.data())));
          }
        }
        if (JobAnswer.isTerminal(event.name().replaceFirst("^job\\.", ""))) {
          return;
        }
      }
    } catch (IOException e) {
      // The connection broke or was closed: what came until then is what is known.
    }
  }
}
