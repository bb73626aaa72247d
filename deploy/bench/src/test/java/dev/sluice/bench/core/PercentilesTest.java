package dev.sluice.bench.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class PercentilesTest {

  /// 1 ms, 2 ms, … n ms.
  private static Percentiles upTo(int millis) {
    Histogram nanos = new Histogram(3);
    for (int i = 1; i <= millis; i++) {
      nanos.recordValue(i * 1_000_000L);
    }
    return Percentiles.ofNanos(nanos);
  }

  @Test
  void saysQuantilesInMilliseconds() {
    Percentiles percentiles = upTo(1_000);

    assertEquals(500, percentiles.p50(), 1);
    assertEquals(900, percentiles.p90(), 1);
    assertEquals(990, percentiles.p99(), 1);
    assertEquals(1_000, percentiles.max(), 1);
  }

  @Test
  void statesNoTailThatTooFewSamplesShow() {
    assertTrue(Double.isNaN(upTo(999).p99()));
    assertFalse(Double.isNaN(upTo(1_000).p99()));
    assertTrue(Double.isNaN(upTo(0).p50()));
  }

  @Test
  void overheadIsTheDifferenceOfTheSamePercentile() {
    Percentiles added = upTo(2_000).minus(upTo(1_000));

    assertEquals(500, added.p50(), 2);
    assertEquals(990, added.p99(), 2);
    assertEquals(1_000, added.count());
  }

  @Test
  void theMedianRoundIsTakenPercentileByPercentile() {
    Percentiles quiet = new Percentiles(10, 1, 2, 9, 10, 11);
    Percentiles usual = new Percentiles(10, 2, 3, 4, 5, 6);
    Percentiles disturbed = new Percentiles(10, 3, 90, 5, 900, 900);

    Percentiles median = Percentiles.median(List.of(quiet, usual, disturbed));

    assertEquals(new Percentiles(30, 2, 3, 5, 10, 11), median);
  }

  @Test
  void aMissingRoundIsLeftOutOfTheMedian() {
    assertEquals(3, Median.of(List.of(2.0, Double.NaN, 4.0)));
    assertTrue(Double.isNaN(Median.of(List.of())));
  }
}
