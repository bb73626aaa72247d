package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.contract.model.JobId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LiveJobsTest {

  /// Whatever comes and goes, the table holds what a map does.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void holdsWhatAMapDoes(long seed) {
    Random random = new Random(seed);
    LiveJobs jobs = new LiveJobs();
    Map<JobId, LiveJob> expected = new HashMap<>();
    for (int step = 0; step < 20_000; step++) {
      LiveJob job = new LiveJob(Jobs.waiting(random.nextInt(2_000)));
      assertEquals(expected.get(job.id()), jobs.get(job.id()));
      if (expected.containsKey(job.id()) || random.nextInt(5) == 0) {
        assertEquals(expected.remove(job.id()), jobs.remove(job.id()));
      } else {
        jobs.add(job);
        expected.put(job.id(), job);
      }
      assertEquals(expected.size(), jobs.size());
    }
    Set<LiveJob> all = jobs.stream().collect(Collectors.toSet());
    assertEquals(new HashSet<>(expected.values()), all);
  }
}
