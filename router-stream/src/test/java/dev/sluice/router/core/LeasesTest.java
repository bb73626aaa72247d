package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LeasesTest {
  private static final Set<String> BOTH = Set.of("a", "b");

  private final Leases leases = new Leases();

  private void ticks(String router, int count) {
    for (int i = 0; i < count; i++) {
      leases.tick(router);
    }
  }

  @Test
  void aWorkerIsLostFiveRoundsAfterItsLastBeat() {
    leases.beat("a", false);
    leases.beat("b", false);
    ticks("r", 5);
    leases.beat("b", false);

    assertEquals(Set.of(), leases.lost(BOTH));

    ticks("r", 1);

    assertEquals(Set.of("a"), leases.lost(BOTH));
  }

  @Test
  void aWorkerThatSaysGoodByeIsGoneAtOnce() {
    leases.beat("a", true);

    assertEquals(Set.of("a"), leases.lost(BOTH));
  }

  @Test
  void aWorkerThatBeatsAgainIsNotLost() {
    leases.beat("a", false);
    ticks("r", 9);
    leases.beat("a", false);

    assertEquals(Set.of(), leases.lost(BOTH));
  }

  @Test
  void aWorkerNeverHeardOfCountsFromItsFirstMention() {
    ticks("r", 9);

    assertEquals(Set.of(), leases.lost(BOTH));

    ticks("r", 5);

    assertEquals(BOTH, leases.lost(BOTH));
  }

  @Test
  void severalRoutersMakeNoRoundShorter() {
    leases.beat("a", false);
    for (int second = 0; second < 5; second++) {
      leases.tick("r");
      leases.tick("s");
      leases.tick("t");
    }

    assertEquals(Set.of(), leases.lost(BOTH));
  }

  @Test
  void roundsAddUpOverRoutersThatDieYoung() {
    leases.beat("a", false);
    ticks("first", 3);
    ticks("second", 3);
    ticks("third", 2);

    assertEquals(Set.of("a"), leases.lost(Set.of("a")));
  }

  /// Whatever routers come and go, each at its own second: a round is at least a second long.
  @Test
  void roundsAreNeverCloserThanTheTicksOfOneRouter() {
    Random random = new Random(7);
    for (int run = 0; run < 200; run++) {
      assertTrue(secondsUntilLost(random) >= Leases.ROUNDS - 1, "run " + run);
    }
  }

  /// Milliseconds pass one by one; each router ticks a thousand of them after its last tick.
  private static double secondsUntilLost(Random random) {
    Leases leases = new Leases();
    List<Integer> nextTicks = new ArrayList<>(List.of(0));
    int died = 0;
    leases.beat("a", false);
    for (int millis = 0; ; millis++) {
      if (random.nextInt(700) == 0) {
        nextTicks.add(millis);
      }
      if (nextTicks.size() > died + 1 && random.nextInt(900) == 0) {
        died++;
      }
      for (int router = died; router < nextTicks.size(); router++) {
        if (nextTicks.get(router) == millis) {
          leases.tick("r" + router);
          nextTicks.set(router, millis + 1000);
        }
      }
      if (!leases.lost(Set.of("a")).isEmpty()) {
        return millis / 1000.0;
      }
    }
  }
}
