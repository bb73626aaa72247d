package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobTimersTest {
  /// What is due is what a plain map says, whatever was armed, moved and disarmed before.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void theTimersFireInTheOrderOfTheirTimes(long seed) {
    Random random = new Random(seed);
    JobTimers timers = new JobTimers();
    List<LiveJob> all = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      all.add(new LiveJob(Jobs.waiting(i)));
    }
    Map<LiveJob, Long> armed = new HashMap<>();
    long now = 0;
    for (int step = 0; step < 20_000; step++) {
      LiveJob timer = all.get(random.nextInt(all.size()));
      switch (random.nextInt(4)) {
        case 0, 1 -> {
          long due = now + random.nextInt(50);
          timers.arm(timer, Instant.ofEpochMilli(due));
          armed.put(timer, due);
        }
        case 2 -> {
          timers.arm(timer, Instant.MAX);
          armed.remove(timer);
        }
        default -> {
          now += random.nextInt(5);
          assertEquals(taken(armed, now), timers.next(Instant.ofEpochMilli(now)));
        }
      }
    }
    while (!armed.isEmpty()) {
      assertEquals(taken(armed, now + 50), timers.next(Instant.ofEpochMilli(now + 50)));
    }
    assertEquals(Optional.empty(), timers.next(Instant.ofEpochMilli(now + 50)));
  }

  private static Optional<LiveJob> taken(Map<LiveJob, Long> armed, long now) {
    Optional<LiveJob> first =
        armed.entrySet().stream()
            .filter(entry -> entry.getValue() <= now)
            .min(
                Comparator.<Map.Entry<LiveJob, Long>>comparingLong(Map.Entry::getValue)
                    .thenComparing(entry -> entry.getKey().id()))
            .map(Map.Entry::getKey);
    first.ifPresent(armed::remove);
    return first;
  }
}
