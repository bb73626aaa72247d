package dev.sluice.worker.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.sluice.contract.avro.AttemptContext;
import dev.sluice.contract.avro.JobEvent;
import dev.sluice.contract.avro.Work;
import dev.sluice.contract.model.Priority;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

class DeltaStreamTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final SimpleMeterRegistry METERS = new SimpleMeterRegistry();

  /// What the broker has taken: number of the first part and the parts.
  private final List<String> taken = new ArrayList<>();

  private final Deque<KafkaException> failures = new ConcurrentLinkedDeque<>();
  private final DeltaStream stream =
      new DeltaStream(
          claimed(), this::write, Runnable::run, Clock.systemUTC(), new WorkerMeters(METERS));

  private static ClaimedWork claimed() {
    AttemptContext context = new AttemptContext();
    context.setTenant("acme");
    Work work = new Work();
    work.setJobId("job");
    work.setAttempt(1);
    work.setContext(context);
    return new ClaimedWork(work, Priority.STANDARD, 7, Instant.EPOCH, Instant.EPOCH, List.of());
  }

  private void write(JobEvent event, boolean atOnce, Callback callback) {
    KafkaException failure = failures.poll();
    if (failure == null) {
      StringBuilder parts = new StringBuilder().append(event.getSequence()).append(':');
      event.getDeltas().forEach(part -> parts.append(UTF_8.decode(part.duplicate())));
      taken.add(parts.toString());
    }
    callback.onCompletion(null, failure);
  }

  private void addAndFinish(String... parts) {
    assertTimeoutPreemptively(
        LIMIT,
        () -> {
          for (String part : parts) {
            stream.add(part.getBytes(UTF_8));
          }
          stream.finish();
        });
  }

  @Test
  void aPartThatAnAbsentBrokerDidNotTakeIsWrittenAgainAndNothingIsLeftOut() {
    failures.add(new TimeoutException("no metadata"));
    failures.add(new TimeoutException("no metadata"));

    addAndFinish("a", "b", "c");

    assertEquals(List.of("0:a", "1:bc"), taken);
  }

  @Test
  void afterAPartThatCanNeverBeWrittenNothingFollows() {
    failures.add(new RecordTooLargeException());

    addAndFinish("a", "b");

    assertEquals(List.of(), taken);
  }
}
