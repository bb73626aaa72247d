package dev.sluice.bench.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ScheduleTest {

  @Test
  void spreadsRequestsEvenlyOverItsLength() {
    Schedule schedule = new Schedule(200, Duration.ofSeconds(3));

    assertEquals(600, schedule.count());
    assertEquals(0, schedule.dueNanos(0));
    assertEquals(5_000_000, schedule.dueNanos(1));
    assertEquals(2_995_000_000L, schedule.dueNanos(599));
  }

  @Test
  void doesNotDriftWhenTheIntervalIsNoWholeNanosecond() {
    Schedule schedule = new Schedule(3, Duration.ofHours(1));

    assertEquals(Duration.ofHours(1).toNanos(), schedule.dueNanos(schedule.count()));
  }

  @Test
  void refusesARateThatIsNone() {
    assertThrows(IllegalArgumentException.class, () -> new Schedule(0, Duration.ofSeconds(1)));
  }
}
