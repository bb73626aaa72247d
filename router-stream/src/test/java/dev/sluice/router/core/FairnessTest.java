package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Priority;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Who gets how much of a pool that all want, in virtual time and within one router task.
class FairnessTest {
  private static final int SLOTS = 32;

  /// A call's pace: so many tokens a virtual millisecond.
  private static final int TOKENS_PER_MILLI = 1;

  private static final Policy POLICY = Jobs.policy(SLOTS);

  private record End(long at, Job job) {}

  /// A pool and the jobs before it.
  private static final class Pool {
    final TaskState state = new TaskState();
    final PriorityQueue<End> ends = new PriorityQueue<>((a, b) -> Long.compare(a.at, b.at));
    final Map<JobId, Long> arrived = new HashMap<>();
    final Map<String, Long> tokens = new TreeMap<>();
    final Map<Priority, Long> releases = new TreeMap<>();
    final Map<String, List<Long>> waits = new HashMap<>();
    long now;
    int numbers;

    JobId submit(String tenant, Priority priority, long size) {
      Job job = Jobs.waiting(numbers++, tenant, priority, size);
      arrived.put(job.id(), now);
      state.apply(job);
      state.place(job.id(), RouteMoment.plain(POLICY, _ -> true, Jobs.NOW));
      return job.id();
    }

    /// Lets time pass up to an instant, with calls ending and others beginning meanwhile.
    void until(long instant) {
      release();
      while (!ends.isEmpty() && ends.peek().at() <= instant) {
        End end = ends.remove();
        now = end.at();
        Job done = Jobs.after(end.job(), Jobs.success(1, 7, 1));
        state.apply(done);
        state.forget(done.id());
        tokens.merge(done.tenant(), done.estimatedTokens(), Long::sum);
        release();
      }
      now = instant;
    }

    List<Job> release() {
      List<Job> released = new ArrayList<>();
      var pick = state.nextRelease(POLICY, Jobs.NOW);
      while (pick.isPresent()) {
        Job running = Jobs.running(pick.get().job(), 7);
        state.apply(running);
        released.add(running);
        releases.merge(running.priority(), 1L, Long::sum);
        long waited = now - arrived.get(running.id());
        waits.computeIfAbsent(running.tenant(), _ -> new ArrayList<>()).add(waited);
        ends.add(new End(now + running.estimatedTokens() / TOKENS_PER_MILLI, running));
        pick = state.nextRelease(POLICY, Jobs.NOW);
      }
      return released;
    }
  }

  @Test
  void aTenantAtAHundredTimesItsShareMovesAnothersWaitByAFifthAtMost() {
    long alone = p99OfQuiet(1);
    long crowded = p99OfQuiet(100);

    assertTrue(crowded <= alone * 1.2, "p99 wait " + alone + " ms, then " + crowded + " ms");
  }

  /// @param times how many times its fair share the other tenant offers
  private static long p99OfQuiet(int times) {
    Pool pool = new Pool();
    Random random = new Random(42);
    // A pool of 32 slots ends 32 jobs of 1,000 tokens a second. Quiet offers a quarter of that, so
    // three quarters are the other's share.
    for (int i = 0; i < SLOTS * 4; i++) {
      pool.submit("noisy", Priority.STANDARD, 1_000);
    }
    double owed = 0;
    for (long at = 0; at < 120_000; at += 25) {
      pool.until(at);
      owed += times * 0.75 * SLOTS * 25 / 1_000.0;
      for (; owed >= 1; owed--) {
        pool.submit("noisy", Priority.STANDARD, 1_000);
      }
      if (random.nextInt(5) == 0) {
        pool.submit("quiet", Priority.STANDARD, 1_000);
      }
    }
    long[] waits = pool.waits.get("quiet").stream().mapToLong(Long::longValue).sorted().toArray();
    return waits[waits.length * 99 / 100];
  }

  @Test
  void fiftyTenantsOfUnequalJobsGetTheSame() {
    Pool pool = new Pool();
    Random random = new Random(7);
    Map<String, Long> size = new HashMap<>();
    for (int tenant = 0; tenant < 50; tenant++) {
      size.put("t" + tenant, (long) (100 * Math.pow(100, tenant / 49.0)));
    }
    long served = 150_000;
    List<String> tenants = new ArrayList<>(size.keySet());
    for (String tenant : tenants) {
      for (long left = 3 * served; left > 0; left -= size.get(tenant)) {
        pool.submit(
            tenant, Priority.STANDARD, size.get(tenant) / 2 + random.nextLong(size.get(tenant)));
      }
    }
    pool.until(50 * served / SLOTS / TOKENS_PER_MILLI);

    double[] got = tenants.stream().mapToDouble(t -> pool.tokens.getOrDefault(t, 0L)).toArray();
    double sum = Arrays.stream(got).sum();
    double squares = Arrays.stream(got).map(x -> x * x).sum();
    double jain = sum * sum / (got.length * squares);
    assertTrue(jain >= 0.95, "Jain's index " + jain);
  }

  @Test
  void anInteractiveJobIsTheNextReleaseBeforeAHundredThousandQueuedOnes() {
    Pool pool = new Pool();
    for (int i = 0; i < 100_000; i++) {
      pool.submit("bulk", Priority.BATCH, 1_000);
    }
    pool.until(10_000);

    JobId urgent = pool.submit("acme", Priority.INTERACTIVE, 100);

    assertEquals(List.of(urgent), pool.release().stream().map(Job::id).toList());
  }

  @Test
  void theLowestClassKeepsItsFloor() {
    Pool pool = new Pool();
    for (Priority priority : Priority.values()) {
      for (int i = 0; i < 20_000; i++) {
        pool.submit("acme", priority, 100);
      }
    }
    pool.until(20_000);

    long all = pool.releases.values().stream().mapToLong(Long::longValue).sum();
    double batch = (double) pool.releases.get(Priority.BATCH) / all;
    assertTrue(batch >= 0.05, "batch got " + batch);
  }
}
