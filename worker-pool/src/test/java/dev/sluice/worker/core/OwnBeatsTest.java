package dev.sluice.worker.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OwnBeatsTest {
  /// Near the end of what a clock of nanoseconds can say: only differences may count.
  private static final long START = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(5);

  private final OwnBeats beats = new OwnBeats(START);

  @Test
  void isNotSilentWhileItBeats() {
    for (int second = 1; second < 10; second++) {
      beats.acknowledged(at(second));
      assertFalse(beats.silentSince(START, at(second) + 999));
    }
  }

  @Test
  void isSilentWhileNoBeatIsAcknowledged() {
    beats.acknowledged(at(1));
    assertFalse(beats.silentSince(at(2), at(4) - 1));
    assertTrue(beats.silentSince(at(2), at(4)));
  }

  @Test
  void wasSilentForWhatWasClaimedBeforeAFreeze() {
    beats.acknowledged(at(1));
    long claimed = at(1.2);
    beats.acknowledged(at(8));
    assertTrue(beats.silentSince(claimed, at(8.1)), "the job may run elsewhere by now");
    assertFalse(beats.silentSince(at(8.05), at(8.1)), "claimed after the freeze");
  }

  @Test
  void remembersTheFreezeWhenMoreBeatsFollow() {
    long claimed = at(0.5);
    beats.acknowledged(at(5));
    beats.acknowledged(at(6));
    beats.acknowledged(at(7));
    assertTrue(beats.silentSince(claimed, at(7.5)));
  }

  @Test
  void aLateAcknowledgementProvesNothingFresh() {
    beats.acknowledged(at(1));
    // Of a beat sent at 2, heard of at 6.
    beats.acknowledged(at(2));
    assertEquals(Duration.ofSeconds(4), beats.age(at(6)));
    assertTrue(beats.silentSince(at(1.5), at(6)));
  }

  private static long at(double seconds) {
    return START + (long) (seconds * 1e9);
  }
}
