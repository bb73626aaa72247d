package dev.sluice.ledgercheck.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Plans repeat with their seed and use every surface.
class PlanTest {

  @Test
  void repeatsWithItsSeed() {
    assertEquals(Plan.of(5, 17), Plan.of(5, 17));
  }

  @Test
  void carriesItsMarkerInThePrompt() {
    Plan plan = Plan.of(5, 17);

    assertEquals(Optional.of(plan.question()), Marker.in(plan.prompt()));
  }

  @Test
  void letsBothEchoesAskTheSameQuestionsAndNobodyElse() {
    Map<Account, Set<String>> shared = new EnumMap<>(Account.class);

    for (int number = 1; number <= 2_000; number++) {
      Plan plan = Plan.of(5, number);
      if (Marker.ofQuestion(plan.question())) {
        shared.computeIfAbsent(plan.account(), _ -> new HashSet<>()).add(plan.question());
      }
    }

    assertEquals(EnumSet.of(Account.ECHO_A, Account.ECHO_B), shared.keySet());
    Set<String> both = new HashSet<>(shared.get(Account.ECHO_A));
    both.retainAll(shared.get(Account.ECHO_B));
    assertTrue(both.size() > 20, "asked by both: " + both);
  }

  @Test
  void usesEverySurfaceAndCancelsSome() {
    Set<Surface> surfaces = EnumSet.noneOf(Surface.class);
    int cancels = 0;

    for (int number = 1; number <= 500; number++) {
      Plan plan = Plan.of(5, number);
      surfaces.add(plan.surface());
      cancels += plan.cancelAfter().isPresent() ? 1 : 0;
    }

    assertEquals(EnumSet.allOf(Surface.class), surfaces);
    assertTrue(cancels > 5 && cancels < 60, "cancels: " + cancels);
  }
}
