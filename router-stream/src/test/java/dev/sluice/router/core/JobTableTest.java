package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.contract.model.JobId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobTableTest {

  /// Whatever comes, changes and goes, the table holds what a map does, in its order.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void holdsWhatAMapDoes(long seed) {
    Random random = new Random(seed);
    JobTable<LiveJob> jobs = new JobTable<>(LiveJob::id);
    Map<JobId, LiveJob> expected = new LinkedHashMap<>();
    for (int step = 0; step < 20_000; step++) {
      LiveJob job = new LiveJob(Jobs.waiting(random.nextInt(2_000)));
      assertEquals(expected.get(job.id()), jobs.get(job.id()));
      switch (random.nextInt(5)) {
        case 0, 1 -> assertEquals(expected.remove(job.id()), jobs.remove(job.id()));
        case 2 -> {
          LiveJob known = expected.computeIfAbsent(job.id(), _ -> job);
          assertEquals(known, jobs.getOrAdd(job.id(), () -> job));
        }
        default -> {
          jobs.put(job);
          expected.put(job.id(), job);
        }
      }
      if (random.nextInt(1_000) == 0) {
        jobs.reserve(random.nextInt(3_000));
      }
      assertEquals(expected.size(), jobs.size());
    }
    assertEquals(List.copyOf(expected.values()), jobs.stream().toList());
  }
}
