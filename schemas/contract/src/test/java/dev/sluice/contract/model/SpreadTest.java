package dev.sluice.contract.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpreadTest {
  @Test
  void nothingHasNeitherMeanNorQuantile() {
    assertEquals(OptionalLong.empty(), Spread.NOTHING.mean());
    assertEquals(OptionalLong.empty(), Spread.NOTHING.quantile(0.5));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void quantilesOfSummedPartsAreWithinAStepAndTheMeanIsExact(long seed) {
    Random random = new Random(seed);
    long[] millis = random.longs(1_000, 1, 100_000).toArray();
    Spread one = Spread.NOTHING;
    Spread other = Spread.NOTHING;
    for (int i = 0; i < millis.length; i++) {
      if (i % 3 == 0) {
        one = one.plus(Duration.ofMillis(millis[i]));
      } else {
        other = other.plus(Duration.ofMillis(millis[i]));
      }
    }
    Spread sum = one.plus(other);

    long mean = Math.round(Arrays.stream(millis).average().orElseThrow());
    assertEquals(mean, sum.mean().orElseThrow());
    Arrays.sort(millis);
    for (double part : new double[] {0.01, 0.5, 0.95, 1}) {
      double exact = millis[(int) Math.ceil(part * millis.length) - 1];
      double said = sum.quantile(part).orElseThrow();
      assertTrue(said >= exact - 1 && said <= exact * 1.2 + 1, part + ": " + said + " " + exact);
    }
  }
}
