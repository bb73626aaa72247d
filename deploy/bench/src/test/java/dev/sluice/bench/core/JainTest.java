package dev.sluice.bench.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class JainTest {

  @Test
  void isOneWhenAllHaveTheSame() {
    assertEquals(1, Jain.of(List.of(7L, 7L, 7L)));
  }

  @Test
  void isOneInSoManyWhenOneHasAll() {
    assertEquals(0.25, Jain.of(List.of(9L, 0L, 0L, 0L)));
  }

  @Test
  void fallsWithTheDistance() {
    assertEquals(0.9, Jain.of(List.of(10L, 20L)));
  }

  @Test
  void saysNothingOfNothing() {
    assertTrue(Double.isNaN(Jain.of(List.of())));
    assertTrue(Double.isNaN(Jain.of(List.of(0L))));
  }
}
