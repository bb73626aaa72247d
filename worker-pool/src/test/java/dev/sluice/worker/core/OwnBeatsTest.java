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
      heard(at(second));
      assertFalse(beats.silentSince(START, at(second) + 999));
    }
  }

  @Test
  void isSilentWhileNoBeatIsAcknowledged() {
    heard(at(1));
    assertFalse(beats.silentSince(at(2), at(4) - 1));
    assertTrue(beats.silentSince(at(2), at(4)));
  }

  @Test
  void wasSilentForWhatWasClaimedBeforeAFreeze() {
    heard(at(1));
    long claimed = at(1.2);
    heard(at(8));
    assertTrue(beats.silentSince(claimed, at(8.1)), "the job may run elsewhere by now");
    assertFalse(beats.silentSince(at(8.05), at(8.1)), "claimed after the freeze");
  }

  @Test
  void remembersTheFreezeWhenMoreBeatsFollow() {
    long claimed = at(0.5);
    heard(at(5));
    heard(at(6));
    heard(at(7));
    assertTrue(beats.silentSince(claimed, at(7.5)));
  }

  @Test
  void aLateAcknowledgementProvesNothingFresh() {
    heard(at(1));
    beats.acknowledged(at(2), at(6));
    assertEquals(Duration.ofSeconds(4), beats.age(at(6)));
    assertTrue(beats.silentSince(at(1.5), at(6)));
  }

  @Test
  void wasSilentWhenBeatsOfACutOffAreAllAcknowledgedAtItsEnd() {
    long claimed = at(0.5);
    for (int second = 1; second <= 7; second++) {
      beats.acknowledged(at(second), at(7));
    }
    assertTrue(beats.silentSince(claimed, at(7.1)), "a second apart, and none was heard in time");
  }

  /// A beat that is acknowledged at once.
  private void heard(long sentNanos) {
    beats.acknowledged(sentNanos, sentNanos);
  }

  private static long at(double seconds) {
    return START + (long) (seconds * 1e9);
  }
}
