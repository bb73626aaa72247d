package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.Priority;
import dev.sluice.router.core.TenantQueue.Turn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TenantQueueTest {

  private static LiveJob job(int number, String tenant, long tokens, int urgency) {
    Job job = Jobs.waiting(number, tenant, Priority.BATCH, tokens);
    return new LiveJob(job.asUrgentAs(Priority.BATCH, Jobs.NOW.plus(Duration.ofMinutes(urgency))));
  }

  /// Jobs come, leave from anywhere, are parked by their lanes and freed, and step aside: the queue
  /// counts them right, and gives of each tenant the most urgent that may go.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void countsAndOrdersWhateverLeavesFromTheMiddle(long seed) {
    Random random = new Random(seed);
    TenantQueue queue = new TenantQueue();
    List<LiveJob> standing = new ArrayList<>();
    Set<String> closed = new HashSet<>();
    for (int step = 0; step < 10_000; step++) {
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> {
          String tenant = "t" + random.nextInt(4);
          LiveJob job = job(step, tenant, 1 + random.nextInt(100), random.nextInt(50));
          queue.add(job, lane(job), Jobs.PLACE);
          standing.add(job);
        }
        case 3 -> {
          if (!standing.isEmpty()) {
            standing.remove(random.nextInt(standing.size())).leaveLine();
          }
        }
        case 4 -> closed.add("t" + random.nextInt(4) + " " + random.nextInt(3));
        case 5 -> {
          String tenant = "t" + random.nextInt(4);
          closed.removeIf(lane -> lane.startsWith(tenant));
          queue.unpark(tenant);
        }
        default -> {
          Optional<LiveJob> taken =
              queue.poll(job -> closed.contains(name(job)) ? Turn.PARKS : Turn.GOES, _ -> 1);
          taken.ifPresent(job -> {
            assertFalse(closed.contains(name(job)));
            assertTrue(standing.remove(job));
            standing.stream()
                .filter(other -> other.job().tenant().equals(job.job().tenant()))
                .filter(other -> !queue.parked(other.job().tenant(), lane(other)))
                .forEach(other -> assertTrue(other.job().urgency() >= job.job().urgency()));
          });
        }
      }
      long open =
          standing.stream().filter(job -> !queue.parked(job.job().tenant(), lane(job))).count();
      assertEquals(open, queue.size());
      assertEquals(standing.size(), queue.jobs());
    }
    assertEquals(standing.stream().map(LiveJob::id).min(Comparator.naturalOrder()), first(queue));
  }

  private static Optional<dev.sluice.contract.model.JobId> first(TenantQueue queue) {
    List<LiveJob> all = new ArrayList<>();
    List.of("t0", "t1", "t2", "t3").forEach(queue::unpark);
    for (Optional<LiveJob> job = queue.poll(_ -> Turn.GOES, _ -> 1);
        job.isPresent();
        job = queue.poll(_ -> Turn.GOES, _ -> 1)) {
      all.add(job.get());
    }
    assertEquals(0, queue.jobs());
    assertEquals(Set.of(), queue.tenants());
    return all.stream().map(LiveJob::id).min(Comparator.naturalOrder());
  }

  private static String lane(LiveJob job) {
    return "" + job.job().estimatedTokens() % 3;
  }

  private static String name(LiveJob job) {
    return job.job().tenant() + " " + lane(job);
  }

  @Test
  void aJobThatStepsAsideKeepsNobodyBehindIt() {
    TenantQueue queue = new TenantQueue();
    LiveJob aside = job(1, "acme", 10, 1);
    LiveJob next = job(2, "acme", 10, 2);
    queue.add(aside, "", Jobs.PLACE);
    queue.add(next, "", Jobs.PLACE);

    Optional<LiveJob> taken =
        queue.poll(job -> job == aside ? Turn.STEPS_ASIDE : Turn.GOES, _ -> 1);

    assertEquals(Optional.of(next), taken);
    assertFalse(aside.queued());
    assertEquals(0, queue.jobs());
  }

  @Test
  void jobsOfAFewTokensTakeTurnsOneByOne() {
    TenantQueue queue = new TenantQueue();
    for (int number = 0; number < 40; number++) {
      queue.add(job(number, number < 20 ? "a" : "b", 10, 1), "", Jobs.PLACE);
    }
    List<String> order = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      order.add(queue.poll(_ -> Turn.GOES, _ -> 1).orElseThrow().job().tenant());
    }

    assertEquals("ab".repeat(20), String.join("", order));
  }

  @Test
  void whenTheJobThatALimitHoldsBackLeavesThoseBehindItAreTried() {
    TenantQueue queue = new TenantQueue();
    LiveJob large = new LiveJob(Jobs.waiting(1, "acme", Priority.BATCH, 100));
    LiveJob small = new LiveJob(Jobs.waiting(2, "acme", Priority.BATCH, 1));
    queue.add(large, "", Jobs.PLACE);
    queue.add(small, "", Jobs.PLACE);
    assertEquals(Optional.empty(), queue.poll(_ -> Turn.PARKS, _ -> 1));
    assertEquals(0, queue.size());

    large.leaveLine();

    assertEquals(1, queue.size());
    assertEquals(Optional.of(small), queue.poll(_ -> Turn.GOES, _ -> 1));
    assertEquals(0, queue.jobs());
  }

  @Test
  void whoIsOnlyPlacedElsewhereCountsAsNoneThatWasTaken() {
    TenantQueue queue = new TenantQueue();
    for (int i = 0; i < 3; i++) {
      queue.add(new LiveJob(Jobs.waiting(i, "acme", Priority.BATCH, 100)), "", Jobs.PLACE);
    }

    assertTrue(queue.poll(_ -> Turn.MOVES, _ -> 1).isPresent());
    assertTrue(queue.poll(_ -> Turn.GOES, _ -> 1).isPresent());

    WaitingLine line = queue.lines("p", Priority.BATCH, _ -> Optional.empty()).getFirst();
    assertEquals(1, line.taken());
    assertEquals(1, line.jobs());
  }
}
