package dev.sluice.ledgercheck.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
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

    assertEquals(Optional.of(plan.marker()), Marker.in(plan.prompt()));
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
