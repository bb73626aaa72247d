package dev.sluice.contract.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NewestJobsTest {
  private static final Instant AT = Instant.parse("2026-11-21T08:30:00Z");
  private static final int MOST = 8;

  /// Jobs come roughly in order, or in none at all; some are deleted; now and then the memory is
  /// lost and the store is not.
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void neverMissesAJobThatIsStored(int seed) {
    Random random = new Random(seed);
    int disorder = 1 << random.nextInt(12);
    TreeSet<JobId> store = new TreeSet<>();
    NewestJobs newest = new NewestJobs(MOST, Optional.empty());

    for (int step = 0; step < 2_000; step++) {
      JobId job = job(step + random.nextInt(disorder), random.nextInt(3));
      assertTrue(newest.mayBeStored(job) || !store.contains(job));
      switch (random.nextInt(20)) {
        case 0 -> newest = new NewestJobs(MOST, store.isEmpty() ? Optional.empty() : last(store));
        case 1, 2 -> store.pollFirst();
        case 3 -> store.pollLast();
        default -> {
          newest.store(job);
          store.add(job);
        }
      }
      for (JobId stored : store) {
        assertTrue(newest.mayBeStored(stored));
      }
    }
  }

  @Test
  void newJobsNeedNoLookUp() {
    NewestJobs newest = new NewestJobs(MOST, Optional.of(job(0, 0)));
    int lookUps = 0;
    for (int millis = 4; millis <= 1_000; millis++) {
      // Each at most MOST - 1 places from where its creation would have it.
      JobId job = job(millis ^ 3, 0);
      lookUps += newest.mayBeStored(job) ? 1 : 0;
      newest.store(job);
    }

    assertEquals(0, lookUps);
  }

  @Test
  void whatWasStoredBeforeMayBeAnythingUpToTheNewest() {
    NewestJobs newest = new NewestJobs(MOST, Optional.of(job(5, 1)));

    assertTrue(newest.mayBeStored(job(4, 7)));
    assertTrue(newest.mayBeStored(job(5, 1)));
    assertFalse(newest.mayBeStored(job(5, 2)));
    newest.store(job(5, 2));
    assertTrue(newest.mayBeStored(job(5, 2)));
  }

  private static Optional<JobId> last(TreeSet<JobId> store) {
    return Optional.of(store.getLast());
  }

  private static JobId job(int millis, int number) {
    return JobId.create(AT.plusMillis(millis), 0, 0, number);
  }
}
