package dev.sluice.ingress.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.JobId;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class CopyFilterTest {
  private static final EventFilter.Claim CLAIM = new EventFilter.Claim(1, 11);
  private static final EventFilter.Claim LOSER = new EventFilter.Claim(1, 12);

  private final CopyFilter filter = new CopyFilter(2);

  private static JobId job(int number) {
    return JobId.create(Instant.EPOCH, 0, 0, number);
  }

  private EventFilter.Shown delta(EventFilter.Claim claim, int part, int parts) {
    return filter.event(job(1), new EventFilter.Event.Delta(claim, part, parts));
  }

  @Test
  void aResultIsCopiedOnce() {
    assertTrue(filter.result(job(1)));
    assertFalse(filter.result(job(1)));
    assertTrue(filter.result(job(2)));
  }

  @Test
  void aRepeatOfAnEventAndThePartsOfALoserAreNot() {
    assertInstanceOf(EventFilter.Shown.Parts.class, delta(CLAIM, 0, 2));
    assertInstanceOf(EventFilter.Shown.Nothing.class, delta(CLAIM, 0, 2));
    assertInstanceOf(EventFilter.Shown.Nothing.class, delta(LOSER, 0, 2));
    assertEquals(1, assertInstanceOf(EventFilter.Shown.Parts.class, delta(CLAIM, 1, 3)).skip());
  }

  @Test
  void onlyTheLatestJobsAreRemembered() {
    filter.result(job(1));
    filter.result(job(2));
    filter.result(job(3));

    assertTrue(filter.result(job(1)));
  }
}
