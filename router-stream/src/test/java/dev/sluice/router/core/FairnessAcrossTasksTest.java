package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Priority;
import dev.sluice.router.core.grants.Demands;
import dev.sluice.router.core.grants.TaskDemand;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Who gets how much of a pool that all want, in virtual time, with tenants spread over four tasks
/// in two routers. What a task tells is read 20 ms later, and of the end of a call it hears after 3
/// ms.
class FairnessAcrossTasksTest {
  private static final int TASKS = 4;
  private static final int SLOTS = 32;
  private static final int TICK = 10;
  private static final int HEARD_AFTER = 20;
  private static final int END_HEARD_AFTER = 3;

  /// How workers share a pool's slots among the classes.
  private static final Map<Priority, Integer> GATE =
      Map.of(Priority.INTERACTIVE, 15, Priority.STANDARD, 4, Priority.BATCH, 1);

  private static final Policy POLICY = Jobs.policy(SLOTS);
  private static final RouteMoment MOMENT = RouteMoment.plain(POLICY, _ -> true, Jobs.NOW);

  /// Something that happens at a virtual time, in milliseconds.
  private record Event(long at, int order, Runnable what) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      return at == other.at ? Integer.compare(order, other.order) : Long.compare(at, other.at);
    }
  }

  private record Start(long at, Job job) {}

  /// One pool, its workers, and the tasks before it.
  private static final class Fleet {
    final List<TaskState> tasks = new ArrayList<>();
    final List<TaskGrants> grants = new ArrayList<>();
    final PriorityQueue<Event> events = new PriorityQueue<>();
    final Map<Priority, Queue<Job>> work = new EnumMap<>(Priority.class);
    final Map<Priority, Integer> turn = new EnumMap<>(Priority.class);
    final Demands.Fold fold = new Demands.Fold();
    final Leases leases = new Leases();
    final Map<String, Map<Integer, TaskDemand>> own = new HashMap<>();
    final Map<JobId, Long> arrived = new HashMap<>();
    final Map<JobId, Integer> taskOf = new HashMap<>();
    final Map<String, Long> tokens = new TreeMap<>();
    final List<Start> starts = new ArrayList<>();
    final Map<String, List<Long>> waits = new HashMap<>();
    long now;
    long position;
    int frozen = TASKS;
    int running;
    int numbers;
    int order;

    final Policy policy;

    Fleet() {
      this(POLICY);
    }

    Fleet(Policy policy) {
      this.policy = policy;
      for (Priority priority : Priority.values()) {
        work.put(priority, new ArrayDeque<>());
      }
      for (int task = 0; task < TASKS; task++) {
        tasks.add(new TaskState());
        tasks.get(task).has(new TaskPart(task, TASKS, _ -> 0));
        grants.add(new TaskGrants(task, tasks.get(task).pools()));
        own.computeIfAbsent(router(task), _ -> new TreeMap<>());
      }
      at(0, this::tick);
      at(0, () -> beat("r0"));
      at(500, () -> beat("r1"));
    }

    static String router(int task) {
      return "r" + task * 2 / TASKS;
    }

    void at(long time, Runnable what) {
      events.add(new Event(time, order++, what));
    }

    JobId submit(int task, String tenant, Priority priority, long size) {
      Job job = Jobs.waiting(numbers++, tenant, priority, size);
      arrived.put(job.id(), now);
      taskOf.put(job.id(), task);
      tasks.get(task).apply(job);
      tasks.get(task).place(job.id(), MOMENT);
      return job.id();
    }

    void until(long time) {
      for (int task = 0; task < frozen; task++) {
        release(task);
      }
      while (events.element().at <= time) {
        Event event = events.remove();
        now = event.at;
        event.what.run();
      }
      now = time;
    }

    /// Of a router's tasks from this one on nothing is heard any more.
    void freezeFrom(int task) {
      frozen = task;
    }

    private void tick() {
      for (int task = 0; task < frozen; task++) {
        String router = router(task);
        int of = task;
        grants
            .get(task)
            .tick(fold.view(), policy)
            .ifPresent(telling -> {
              own.get(router).put(of, telling.demand());
              if (telling.atOnce()) {
                tell(router);
              }
            });
        release(task);
      }
      at(now + TICK, this::tick);
    }

    private void tell(String router) {
      Map<Integer, TaskDemand> told = Map.copyOf(own.get(router));
      at(now + HEARD_AFTER, () -> fold.told(router, told));
    }

    private void beat(String router) {
      if (router.equals("r1") && frozen <= TASKS / 2) {
        return;
      }
      Map<Integer, TaskDemand> told = Map.copyOf(own.get(router));
      at(
          now + HEARD_AFTER,
          () -> {
            leases.tick(router);
            leases.beat(router, false);
            fold.told(router, told);
            fold.gone(leases.lost(fold.routers()));
            fold.ticked(position += 3);
          });
      at(now + 1_000, () -> beat(router));
    }

    private void release(int task) {
      TaskState state = tasks.get(task);
      var pick = state.nextRelease(policy, Jobs.NOW);
      while (pick.isPresent()) {
        Job released = Jobs.after(pick.get().job(), new JobCommand.Release(pick.get().placement()));
        state.apply(released);
        work.get(released.priority()).add(released);
        pick = state.nextRelease(policy, Jobs.NOW);
      }
      start();
    }

    private void start() {
      Job next = running < SLOTS ? next() : null;
      while (next != null) {
        Job started = Jobs.after(next, Jobs.claim(1, 7));
        running++;
        tasks.get(taskOf.get(started.id())).apply(started);
        starts.add(new Start(now, started));
        waits
            .computeIfAbsent(started.tenant(), _ -> new ArrayList<>())
            .add(now - arrived.get(started.id()));
        at(now + started.estimatedTokens(), () -> end(started));
        next = running < SLOTS ? next() : null;
      }
    }

    private Job next() {
      Priority best = null;
      int total = 0;
      for (Priority priority : Priority.values()) {
        if (!work.get(priority).isEmpty()) {
          total += GATE.get(priority);
          turn.merge(priority, GATE.get(priority), Integer::sum);
          best = best == null || turn.get(priority) > turn.get(best) ? priority : best;
        }
      }
      if (best == null) {
        return null;
      }
      turn.merge(best, -total, Integer::sum);
      return work.get(best).remove();
    }

    private void end(Job job) {
      running--;
      tokens.merge(job.tenant(), job.estimatedTokens(), Long::sum);
      start();
      int task = taskOf.get(job.id());
      if (task < frozen) {
        at(
            now + END_HEARD_AFTER,
            () -> {
              Job done = Jobs.after(job, Jobs.success(1, 7, 1));
              tasks.get(task).apply(done);
              tasks.get(task).forget(done.id());
              release(task);
            });
      }
    }

    int inWorkTopics() {
      return work.values().stream().mapToInt(Collection::size).sum();
    }

    int released() {
      return tasks.stream().mapToInt(task -> task.pools().released("p")).sum();
    }

    long p99(String tenant) {
      long[] all = waits.get(tenant).stream().mapToLong(Long::longValue).sorted().toArray();
      return all[all.length * 99 / 100];
    }
  }

  @Test
  void fiftyTenantsOfUnequalJobsGetTheSameHoweverTheyAreSpread() {
    for (int seed = 0; seed < 4; seed++) {
      List<Integer> sizes = sizes();
      Collections.shuffle(sizes, new Random(seed));
      double jain = jain(sizes, List.of(30, 14, 5, 1));
      assertTrue(jain >= 0.95, "seed " + seed + ": Jain's index " + jain);
    }
  }

  @Test
  void theyDoWhereSmallJobsAreInOneTaskAndLargeOnesInAnother() {
    double jain = jain(sizes(), List.of(20, 15, 10, 5));
    assertTrue(jain >= 0.95, "Jain's index " + jain);
    List<Integer> largeFirst = sizes();
    Collections.reverse(largeFirst);
    jain = jain(largeFirst, List.of(20, 15, 10, 5));
    assertTrue(jain >= 0.95, "Jain's index " + jain);
  }

  /// From 100 to 10,000 tokens.
  private static List<Integer> sizes() {
    List<Integer> sizes = new ArrayList<>();
    for (int tenant = 0; tenant < 50; tenant++) {
      sizes.add((int) (100 * Math.pow(100, tenant / 49.0)));
    }
    return sizes;
  }

  private static double jain(List<Integer> sizes, List<Integer> tenantsOfTasks) {
    Fleet fleet = new Fleet();
    Random random = new Random(7);
    long served = 150_000;
    int tenant = 0;
    for (int task = 0; task < TASKS; task++) {
      for (int i = 0; i < tenantsOfTasks.get(task); i++) {
        int size = sizes.get(tenant);
        for (long left = 3 * served; left > 0; left -= size) {
          fleet.submit(task, "t" + tenant, Priority.STANDARD, size / 2 + random.nextInt(size));
        }
        tenant++;
      }
    }
    fleet.until(50 * served / SLOTS);

    double[] got =
        IntStream.range(0, tenant)
            .mapToDouble(t -> fleet.tokens.getOrDefault("t" + t, 0L))
            .toArray();
    double sum = Arrays.stream(got).sum();
    double squares = Arrays.stream(got).map(x -> x * x).sum();
    double used = sum / (50.0 * served);
    assertTrue(used > 0.95, "of the slots " + used + " were used");
    return sum * sum / (got.length * squares);
  }

  @Test
  void aTenantInShardsGetsItsShareOnce() {
    Policy.Tenant split = inShards(TASKS);
    Fleet fleet =
        new Fleet(
            new Policy(
                1, Map.of("split", split), POLICY.pools(), POLICY.models(), POLICY.prices()));
    for (int i = 0; i < 20_000; i++) {
      fleet.submit(i % TASKS, "split", Priority.STANDARD, 500);
      fleet.submit(i % 3, "t" + i % 3, Priority.STANDARD, 500);
    }
    fleet.until(60_000);

    long all = fleet.tokens.values().stream().mapToLong(Long::longValue).sum();
    fleet.tokens.forEach((tenant, got) ->
        assertEquals(0.25, (double) got / all, 0.02, tenant + " of " + fleet.tokens));
  }

  private static Policy.Tenant inShards(int shards) {
    return new Policy.Tenant("split", List.of(), Map.of(), Policy.OnCrash.RETRY, 4)
        .withShards(shards);
  }

  @Test
  void aTenantAtAHundredTimesItsShareMovesAnothersWaitInAnotherTaskByAFifthAtMost() {
    long alone = p99OfQuiet(1);
    long crowded = p99OfQuiet(100);

    assertTrue(crowded <= alone * 1.2, "p99 wait " + alone + " ms, then " + crowded + " ms");
  }

  /// @param times how many times its fair share the other tenant offers
  private static long p99OfQuiet(int times) {
    Fleet fleet = new Fleet();
    Random random = new Random(42);
    for (int i = 0; i < SLOTS * 4; i++) {
      fleet.submit(0, "noisy", Priority.STANDARD, 1_000);
    }
    double owed = 0;
    for (long at = 0; at < 120_000; at += 25) {
      fleet.until(at);
      owed += times * 0.75 * SLOTS * 25 / 1_000.0;
      for (; owed >= 1; owed--) {
        fleet.submit(0, "noisy", Priority.STANDARD, 1_000);
      }
      if (random.nextInt(5) == 0) {
        fleet.submit(3, "quiet", Priority.STANDARD, 1_000);
      }
    }
    return fleet.p99("quiet");
  }

  @Test
  void anInteractiveJobOvertakesAHundredThousandQueuedOnesOfAnotherTask() {
    Fleet fleet = new Fleet();
    Random random = new Random(5);
    for (int i = 0; i < 100_000; i++) {
      fleet.submit(0, "bulk", Priority.BATCH, 500 + random.nextInt(1_000));
    }
    fleet.until(10_000);
    fleet.starts.clear();

    JobId urgent = fleet.submit(2, "acme", Priority.INTERACTIVE, 100);
    fleet.until(12_000);

    // The next slot that is free is its.
    assertEquals(urgent, fleet.starts.getFirst().job().id());
    assertTrue(fleet.starts.getFirst().at() <= 10_200, fleet.starts.getFirst().toString());
  }

  @Test
  void theLowestClassKeepsItsFloorWhereAnotherTaskHasIt() {
    Fleet fleet = new Fleet();
    for (int i = 0; i < 20_000; i++) {
      fleet.submit(0, "bulk", Priority.BATCH, 100);
      fleet.submit(1, "acme", Priority.INTERACTIVE, 100);
      fleet.submit(2, "acme2", Priority.STANDARD, 100);
    }
    fleet.until(20_000);

    long batch =
        fleet.starts.stream().filter(start -> start.job().priority() == Priority.BATCH).count();
    double part = (double) batch / fleet.starts.size();
    assertTrue(part >= 0.05, "batch got " + part);
  }

  @Test
  void theWorkTopicsStayShortHoweverManyTasksAreBusy() {
    Fleet fleet = new Fleet();
    Random random = new Random(3);
    for (int i = 0; i < 10_000; i++) {
      fleet.submit(i % TASKS, "t" + i % 40, Priority.STANDARD, 500 + random.nextInt(1_000));
    }
    for (long at = 5_000; at < 30_000; at += 100) {
      fleet.until(at);
      // Slots and margin, and what rounding gives each task.
      assertTrue(fleet.released() <= SLOTS + 4 + TASKS, fleet.released() + " at " + at);
      assertEquals(SLOTS, fleet.running);
    }
  }

  @Test
  void aTaskThatAloneIsBusyHasAllSlots() {
    Fleet fleet = new Fleet();
    fleet.until(3_000);
    for (int i = 0; i < 1_000; i++) {
      fleet.submit(1, "acme", Priority.STANDARD, 1_000);
    }

    fleet.until(fleet.now);

    // At once, before it has told anybody.
    assertEquals(SLOTS, fleet.running);
    assertEquals(4, fleet.inWorkTopics());
  }

  @Test
  void aTaskThatBecomesBusyGetsItsShareAsSlotsBecomeFree() {
    Fleet fleet = new Fleet();
    Random random = new Random(3);
    for (int i = 0; i < 10_000; i++) {
      fleet.submit(0, "first", Priority.STANDARD, 500 + random.nextInt(1_000));
    }
    fleet.until(10_000);
    for (int i = 0; i < 1_000; i++) {
      fleet.submit(3, "second", Priority.STANDARD, 1_000);
    }

    fleet.until(10_000 + 2 * TICK);
    assertTrue(
        fleet.tasks.get(3).pools().released("p") >= 17,
        "" + fleet.tasks.get(3).pools().released("p"));

    fleet.until(12_000);
    fleet.starts.clear();
    fleet.until(30_000);
    long second =
        fleet.starts.stream().filter(start -> start.job().tenant().equals("second")).count();
    assertEquals(0.5, (double) second / fleet.starts.size(), 0.05);
  }

  @Test
  void whatARouterThatFrozeWantedIsForgottenAfterRoundsThatWereRead() {
    Fleet fleet = new Fleet();
    for (int i = 0; i < 100_000; i++) {
      fleet.submit(i % TASKS, "t" + i % TASKS, Priority.STANDARD, 50);
    }
    fleet.until(10_000);
    assertTrue(fleet.tasks.get(0).pools().released("p") <= 11);

    fleet.freezeFrom(2);
    fleet.until(18_000);

    assertEquals(2, fleet.fold.view().byTask().size());
    assertTrue(fleet.tasks.get(0).pools().released("p") >= 17);
    assertTrue(fleet.tasks.get(1).pools().released("p") >= 17);
  }
}
