package dev.sluice.ledgercheck.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;

/// The mix picks each fault as often as it says.
class FaultMixTest {

  @Test
  void picksByShare() {
    FaultMix mix = new FaultMix(Map.of(ProviderFault.ERROR_500, 0.25, ProviderFault.STALL, 0.25));

    assertEquals(ProviderFault.ERROR_500, mix.pick(0.24));
    assertEquals(ProviderFault.STALL, mix.pick(0.26));
    assertEquals(ProviderFault.NONE, mix.pick(0.51));
  }

  @Test
  void refusesSharesAboveOne() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new FaultMix(Map.of(ProviderFault.STALL, 0.6, ProviderFault.ERROR_500, 0.6)));
  }
}
