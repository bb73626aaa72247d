package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Limit;
import dev.sluice.contract.model.Limit.OnExceeded;
import dev.sluice.contract.model.Limit.Unit;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Shards;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.router.core.limits.Block;
import dev.sluice.router.core.limits.Demand;
import dev.sluice.router.core.limits.Limits;
import dev.sluice.router.core.limits.Stake;
import dev.sluice.router.core.limits.Verdict;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A tenant in shards over several tasks: what it uses of a limit together, whatever comes where.
class TaskPartTest {
  private static final Instant NOW = Jobs.NOW;
  private static final Limit.Window MINUTE = new Limit.Window.Rolling(Duration.ofMinutes(1));

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void thePartsOfALimitAddUpToIt(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      int tasks = 1 + random.nextInt(20);
      int shards = 1 + random.nextInt(Shards.MOST);
      long amount = shards + random.nextLong(1L << 1 + random.nextInt(61));
      int first = random.nextInt(tasks);
      Policy policy = policy(shards, limit(Unit.REQUESTS, MINUTE, amount, OnExceeded.HOLD));

      long sum = 0;
      double share = 0;
      for (int task = 0; task < tasks; task++) {
        TaskPart part = new TaskPart(task, tasks, _ -> first);
        long own = amount(part.of(policy));
        sum += own;
        share += own > 0 ? part.part(acme(policy)) : 0;
      }

      assertEquals(amount, sum, shards + " shards over " + tasks);
      assertEquals(1, share, 1e-9);
    }
  }

  @Test
  void shardsFollowEachOtherFromTheFirst() {
    Policy policy = policy(6, limit(Unit.REQUESTS, MINUTE, 15, OnExceeded.HOLD));

    List<Long> parts =
        IntStream.range(0, 4)
            .mapToObj(task -> amount(new TaskPart(task, 4, _ -> 3).of(policy)))
            .toList();

    // Of 3, 3, 3, 2, 2, 2 beginning with the last task.
    assertEquals(List.of(3L + 2, 3L, 2L, 3L + 2), parts);
    assertEquals("acme", new TaskPart(3, 4, _ -> 3).keyOf("acme"));
    assertEquals("acme|0", new TaskPart(0, 4, _ -> 3).keyOf("acme"));
  }

  @Test
  void oneTaskTellsOfAChangeOfTheCount() {
    Limit limit = limit(Unit.REQUESTS, MINUTE, 15, OnExceeded.HOLD);
    Policy two = policy(2, limit);
    Policy later = new Policy(2, two.tenants(), two.pools(), two.models(), two.prices());
    Policy one = policy(1, limit);

    assertEquals(List.of("acme"), new TaskPart(3, 4, _ -> 3).resharded(one, later));
    assertEquals(List.of(), new TaskPart(0, 4, _ -> 3).resharded(one, later));
    assertEquals(List.of(), new TaskPart(3, 4, _ -> 3).resharded(two, later));
    assertEquals(List.of(), new TaskPart(3, 4, _ -> 3).resharded(Policy.EMPTY, later));
  }

  /// What can be left unused: where requests come at just the limit, about 0.4 divided by the root
  /// of what one shard has; where a third more come, nearly nothing.
  @ParameterizedTest
  @CsvSource({"800, 1.0, 0.93", "800, 1.3, 0.99", "80000, 1.0, 0.99", "80000, 1.3, 1.0"})
  void randomKeysUseNearlyAllAndNeverMore(long amount, double offered, double least) {
    for (long seed = 1; seed <= 8; seed++) {
      Random random = new Random(seed);
      List<Limits> tasks = tasks(8, 8, amount);
      long used = 0;
      for (int i = 0; i < Math.round(amount * offered); i++) {
        byte[] key = ByteBuffer.allocate(8).putLong(random.nextLong()).array();
        used += take(tasks.get(Shards.of(key, 8)), random).isPresent() ? 1 : 0;
      }
      assertTrue(used <= amount, used + " of " + amount);
      assertTrue(used >= least * amount, used + " of " + amount + ", seed " + seed);
    }
  }

  @Test
  void oneKeyAloneUsesThePartOfOneShard() {
    Random random = new Random(1);
    Limits only = tasks(8, 8, 800).get(5);

    assertEquals(100, IntStream.range(0, 800).filter(_ -> take(only, random).isPresent()).count());
  }

  /// Numbers go on through a change of the count, where they were. So together no more is used in
  /// one window than each task's largest part in it.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void aChangeOfTheCountIsBoundedByTheLargestParts(long seed) {
    Random random = new Random(seed);
    List<Limits> tasks = tasks(4, 1, 100);
    List<List<JobId>> jobs =
        List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    long[] largest = new long[4];
    for (int change = 0; change < 6; change++) {
      int shards = change == 0 ? 1 : 1 + random.nextInt(8);
      Policy policy = policy(shards, limit(Unit.REQUESTS, MINUTE, 100, OnExceeded.REJECT));
      for (int task = 0; task < 4; task++) {
        Policy own = new TaskPart(task, 4, _ -> 0).of(policy);
        Limits limits = tasks.get(task);
        limits.adopt(own, PriceBook.of(own), NOW);
        jobs.get(task).forEach(id -> limits.apply(id, "acme", () -> stake(Stake.Stage.ADMITTED)));
        largest[task] = Math.max(largest[task], amount(own));
      }
      for (int i = 0; i < 400; i++) {
        int task = random.nextInt(shards) % 4;
        take(tasks.get(task), random).ifPresent(jobs.get(task)::add);
      }
      long bound = IntStream.range(0, 4).mapToLong(task -> largest[task]).sum();
      long used = jobs.stream().mapToLong(List::size).sum();
      assertTrue(used <= bound, used + " of " + bound + " after change " + change);
      assertTrue(change > 0 || used == 100, used + " before any change");
    }
  }

  @Test
  void aRefusalSaysThatOnlyTheWritersPartIsUsedUp() {
    Policy policy = policy(4, limit(Unit.REQUESTS, MINUTE, 4, OnExceeded.REJECT));
    Limits task = new Limits();
    task.adopt(new TaskPart(0, 4, _ -> 0).of(policy), PriceBook.of(policy), NOW);
    Stake job = stake(Stake.Stage.ADMITTED);
    task.apply(JobId.create(NOW, 0, 0, 1), "acme", () -> job);

    var refused = assertInstanceOf(Verdict.Refused.class, task.admit(job, NOW));

    assertTrue(
        refused
            .block()
            .said()
            .contains("the writer of this job has 1 (the tenant is in 4 shards): 0 left"),
        refused.block().said());
  }

  @Test
  void aJobOfAShardThatIsNoMoreWaitsAndGoesWhenItIsBack() {
    Limits task = new Limits();
    JobId id = JobId.create(NOW, 0, 2, 7);
    adopt(task, 2, 3);
    Stake job = stake(Stake.Stage.ADMITTED);
    assertTrue(task.admit(job, NOW) instanceof Verdict.Admitted);
    task.apply(id, "acme", () -> job);
    adopt(task, 2, 2);
    task.apply(id, "acme", () -> job);

    Block held = task.holdsBack(id, "acme", () -> job, NOW).orElseThrow();
    assertFalse(held.never(), "it is not too large");
    assertTrue(task.admit(job, NOW) instanceof Verdict.Admitted, "nor is another refused for good");

    adopt(task, 2, 3);
    assertEquals(Optional.empty(), task.holdsBack(id, "acme", () -> job, NOW));
  }

  private static void adopt(Limits limits, int task, int shards) {
    Policy policy =
        new TaskPart(task, 4, _ -> 0)
            .of(policy(shards, limit(Unit.IN_FLIGHT, new Limit.Window.Now(), 8, OnExceeded.HOLD)));
    limits.adopt(policy, PriceBook.of(policy), NOW);
  }

  private static List<Limits> tasks(int tasks, int shards, long amount) {
    Policy policy = policy(shards, limit(Unit.REQUESTS, MINUTE, amount, OnExceeded.REJECT));
    List<Limits> all = new ArrayList<>();
    for (int task = 0; task < tasks; task++) {
      Policy own = new TaskPart(task, tasks, _ -> 0).of(policy);
      Limits limits = new Limits();
      limits.adopt(own, PriceBook.of(own), NOW);
      all.add(limits);
    }
    return all;
  }

  private static Optional<JobId> take(Limits limits, Random random) {
    Stake job = stake(Stake.Stage.ADMITTED);
    if (!(limits.admit(job, NOW) instanceof Verdict.Admitted)) {
      return Optional.empty();
    }
    JobId id = JobId.create(NOW, 0, 0, random.nextLong());
    limits.apply(id, "acme", () -> job);
    return Optional.of(id);
  }

  private static Stake stake(Stake.Stage stage) {
    return new Stake(
        "acme",
        "m",
        new Demand("k", Map.of(), 1, 1, 1, false, Optional.empty()),
        NOW,
        NOW.plusSeconds(60),
        stage,
        Optional.empty(),
        false,
        Optional.empty());
  }

  private static Limit limit(Unit unit, Limit.Window window, long amount, OnExceeded exceeded) {
    return new Limit(new Limit.Part.Whole(), unit, window, amount, exceeded, Optional.empty());
  }

  private static Policy policy(int shards, Limit limit) {
    Policy plain = Jobs.policy(10);
    var acme =
        new Policy.Tenant("acme", List.of(), Map.of(), Policy.OnCrash.RETRY, 4)
            .withLimits(List.of(limit))
            .withShards(shards);
    return new Policy(1, Map.of("acme", acme), plain.pools(), plain.models(), plain.prices());
  }

  private static Policy.Tenant acme(Policy policy) {
    return policy.tenant("acme").orElseThrow();
  }

  private static long amount(Policy policy) {
    return acme(policy).limits().getFirst().amount();
  }
}
