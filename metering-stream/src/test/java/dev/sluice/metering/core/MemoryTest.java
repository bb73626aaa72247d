package dev.sluice.metering.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.JobId;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// What metering remembers: keys of counted jobs, and its progress.
class MemoryTest {
  private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

  @Test
  void keysOfOlderJobsComeFirst() {
    byte[] before = JobKeys.of(JobId.create(NOON.minusMillis(1), 4095, 4095, -1));
    byte[] at = JobKeys.of(JobId.create(NOON, 0, 0, 0));
    byte[] bound = JobKeys.firstCreatedAt(NOON);

    assertTrue(Arrays.compareUnsigned(before, bound) < 0);
    assertTrue(Arrays.compareUnsigned(at, bound) >= 0);
    assertEquals(NOON, JobKeys.createdAt(at));
  }

  @Test
  void progressCoversWhatWasReadAndNothingElse() {
    LedgerProgress progress = LedgerProgress.NONE.after(7, NOON);

    assertTrue(progress.covers(7, NOON));
    assertTrue(progress.covers(0, NOON.minusSeconds(9)));
    assertFalse(progress.covers(8, NOON));
    assertFalse(LedgerProgress.NONE.covers(0, NOON));
  }

  @Test
  void aLedgerMadeAnewIsNotCoveredByTheOldOnesOffsets() {
    LedgerProgress progress = LedgerProgress.NONE.after(1_000, NOON);

    assertFalse(progress.covers(0, NOON.plusSeconds(1)));
    assertEquals(0, progress.after(0, NOON.plusSeconds(1)).offset());
  }

  @Test
  void appendTimeAndForgettingNeverGoBack() {
    LedgerProgress progress =
        LedgerProgress.NONE.after(1, NOON).after(2, NOON.minusMillis(5)).forgettingUntil(NOON);

    assertEquals(NOON, progress.appendedAt());
    assertEquals(NOON, progress.forgettingUntil(NOON.minusSeconds(1)).forgottenUntil());
  }
}
