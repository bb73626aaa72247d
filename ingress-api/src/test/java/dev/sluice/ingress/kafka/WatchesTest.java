package dev.sluice.ingress.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.log.JobSignal;
import dev.sluice.ingress.log.JobWatch;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WatchesTest {
  private static final JobId FIRST = JobId.create(Instant.EPOCH, 0, 0, 1);
  private static final JobId REPEAT = JobId.create(Instant.EPOCH, 0, 0, 2);

  private final Watches watches = new Watches();

  @Test
  void whoWatchesARepeatHearsOfItsFirstJobFromThenOn() {
    JobWatch watch = watches.open(REPEAT);

    assertTrue(watches.join(REPEAT, FIRST));
    watches.tell(FIRST, new JobSignal.Erased());

    assertEquals(Optional.of(FIRST), watch.first());
    assertEquals(Optional.of(new JobSignal.Erased()), watch.next(Duration.ZERO));
    assertTrue(watch.takeOverrun(), "what came before is to be read from the log");
  }

  @Test
  void aWatchThatIsClosedLeavesNothingBehind() {
    JobWatch watch = watches.open(REPEAT);
    watches.join(REPEAT, FIRST);

    watch.close();

    assertEquals(0, watches.jobs());
    assertFalse(watches.join(REPEAT, FIRST));
  }
}
