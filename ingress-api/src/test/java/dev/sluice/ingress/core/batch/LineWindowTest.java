package dev.sluice.ingress.core.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineWindowTest {

  @ParameterizedTest
  @ValueSource(longs = {1, 20261128, 77})
  void aSuccessorKnowsExactlyTheLinesThatAreOpen(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    LineWindow window = new LineWindow(0, 0);
    Set<Long> open = new HashSet<>();
    for (int step = 0; step < 2_000; step++) {
      int choice = random.nextInt(10);
      if (choice < 5) {
        open.add(window.submitted());
        window.submit("line-" + window.submitted(), window.submittedBytes() + 10);
      } else if (choice == 5) {
        window.pass(window.submittedBytes() + 10);
      } else if (!open.isEmpty()) {
        long line = open.iterator().next();
        assertTrue(window.settle(line).isPresent());
        assertEquals(Optional.empty(), window.settle(line), "a repeat changes nothing");
        open.remove(line);
      }
      if (random.nextInt(20) == 0) {
        window = successor(window);
      }
      assertEquals(open, new HashSet<>(window.openLines()));
      assertEquals(open.size(), window.inFlight());
    }
  }

  /// What another runner makes of a record that was written now.
  private static LineWindow successor(LineWindow before) {
    byte[] done = before.done();
    LineWindow after = new LineWindow(before.submitted(), before.submittedBytes());
    for (long line = before.low(); line < before.submitted(); line++) {
      if (!LineWindow.isDone(done, before.low(), line)) {
        after.reopen(line, new LineWindow.Open("line-" + line, line * 10));
      }
    }
    assertEquals(before.low(), after.low());
    assertEquals(before.lowBytes(), after.lowBytes());
    return after;
  }

  @Test
  void aLineThatWasNeverSubmittedIsNotSettled() {
    LineWindow window = new LineWindow(0, 0);

    assertEquals(Optional.empty(), window.settle(3));
  }

  @Test
  void linesSubmittedAfterTheRecordedBitsAreOpen() {
    assertFalse(LineWindow.isDone(new byte[] {1}, 100, 108));
    assertTrue(LineWindow.isDone(new byte[] {1}, 100, 100));
    assertTrue(LineWindow.isDone(new byte[0], 100, 99));
  }

  @Test
  void aJobIdNamesItsLineAndOnlyInItsBatch() {
    Instant at = Instant.parse("2026-11-28T10:00:00Z");
    LineIds ids = new LineIds(at, 3, 0xcafebabe, 3);
    LineIds others = new LineIds(at, 3, 0xcafebabf, 3);

    assertEquals(123_456, ids.lineOf(ids.of(123_456)));
    assertEquals(LineIds.MAX_LINES - 1, ids.lineOf(ids.of(LineIds.MAX_LINES - 1)));
    assertEquals(-1, others.lineOf(ids.of(5)));
    assertEquals(0xcafebabe, LineIds.seedOf(ids.of(5)));
    assertEquals(3, ids.of(5).replyPartition());
  }

  @Test
  void findsTheNameThatCameBefore() {
    CustomIds names = new CustomIds();

    for (int i = 0; i < 10_000; i++) {
      assertTrue(names.add("name-" + i));
    }
    assertFalse(names.add("name-77"));
    assertTrue(names.add("name-10000"));
  }
}
