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
    JobTable jobs = new JobTable();
    Map<JobId, Job> expected = new LinkedHashMap<>();
    for (int step = 0; step < 20_000; step++) {
      Job job = Jobs.waiting(random.nextInt(2_000));
      assertEquals(expected.get(job.id()), jobs.job(job.id()));
      switch (random.nextInt(5)) {
        case 0, 1 -> {
          Job removed = expected.remove(job.id());
          LiveJob known = jobs.remove(job.id());
          assertEquals(removed, known == null ? null : known.job());
        }
        case 2 -> {
          if (expected.putIfAbsent(job.id(), job) == null) {
            assertEquals(job, jobs.add(job).job());
          }
        }
        default -> {
          Job other = Jobs.released(job);
          jobs.put(other);
          expected.put(job.id(), other);
        }
      }
      assertEquals(expected.size(), jobs.size());
    }
    assertEquals(List.copyOf(expected.values()), jobs.jobs().toList());
  }
}
