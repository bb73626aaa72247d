package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.router.core.PoolView.Sight;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PoolViewTest {
  private final PoolView.Fold fold = new PoolView.Fold();

  @Test
  void aPoolOfWhichNobodyHasSaidAnythingIsWell() {
    assertEquals(Set.of(), fold.view().down());
    assertEquals(Integer.MAX_VALUE, fold.view().slotsOf("p"));
  }

  @Test
  void aPoolIsDownWhenAllWorkersThatServeItSaySo() {
    fold.heard("a", Map.of("p", new Sight(true, 0)));
    fold.heard("b", Map.of("p", new Sight(false, 3)));
    assertEquals(Set.of(), fold.view().down());
    assertEquals(3, fold.view().slotsOf("p"));

    fold.heard("b", Map.of("p", new Sight(true, 0)));
    assertEquals(Set.of("p"), fold.view().down());
  }

  @Test
  void slotsAreThoseOfAllItsWorkers() {
    fold.heard("a", Map.of("p", new Sight(false, 2), "q", new Sight(false, 1)));
    fold.heard("b", Map.of("p", new Sight(false, 3)));

    assertEquals(new PoolView(Set.of(), Map.of("p", 5, "q", 1)), fold.view());
  }

  @Test
  void whatAWorkerHasSaidIsGoneWithIt() {
    fold.heard("a", Map.of("p", new Sight(true, 0)));
    fold.gone(Set.of("a"));

    assertEquals(PoolView.EMPTY, fold.view());
  }
}
