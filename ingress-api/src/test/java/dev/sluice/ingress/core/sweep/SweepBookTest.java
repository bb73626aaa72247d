package dev.sluice.ingress.core.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SweepBookTest {
  private static final Duration GRACE = Duration.ofDays(1);
  private static final Duration APART = Duration.ofMinutes(10);
  private static final Instant NOW = Instant.parse("2026-11-28T10:00:00Z");
  private static final Instant OLD = NOW.minus(GRACE).minusMillis(1);

  private final SweepBook book = new SweepBook(new SweepBook.Rule(GRACE, APART, 3));

  @Test
  void aBlobGoesAtTheSecondLook() {
    book.look("a", OLD, Set.of(), NOW);

    assertEquals(List.of(), book.due(Set.of(), NOW.plus(APART).minusMillis(1)));
    assertEquals(List.of("a"), book.due(Set.of(), NOW.plus(APART)));
    book.removed("a");
    assertEquals(List.of(), book.due(Set.of(), NOW.plus(APART)));
  }

  @Test
  void lookingAgainDoesNotPutItOff() {
    book.look("a", OLD, Set.of(), NOW);
    book.look("a", OLD, Set.of(), NOW.plus(APART));

    assertEquals(List.of("a"), book.due(Set.of(), NOW.plus(APART)));
  }

  @Test
  void aYoungBlobIsLeftAlone() {
    book.look("a", NOW.minus(GRACE), Set.of(), NOW);

    assertEquals(0, book.waiting());
  }

  @Test
  void aBlobThatIsReferredToIsLeftAlone() {
    book.look("a", OLD, Set.of("a"), NOW);

    assertEquals(0, book.waiting());
  }

  @Test
  void aBlobThatIsReferredToMeanwhileLosesItsMark() {
    book.look("a", OLD, Set.of(), NOW);

    assertEquals(List.of(), book.due(Set.of("a"), NOW.plus(APART)));
    assertEquals(List.of(), book.due(Set.of(), NOW.plus(APART)));
  }

  @Test
  void noMoreAreMarkedThanThereIsRoomFor() {
    for (String key : List.of("a", "b", "c", "d")) {
      book.look(key, OLD, Set.of(), NOW);
    }

    assertEquals(List.of("a", "b", "c"), book.due(Set.of(), NOW.plus(APART)));
  }
}
