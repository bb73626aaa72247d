package dev.sluice.ingress.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ingress.core.EventFilter.Claim;
import dev.sluice.ingress.core.EventFilter.Event;
import dev.sluice.ingress.core.EventFilter.Shown;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EventFilterTest {
  private static final Claim FIRST = new Claim(1, 11);
  private static final Claim RIVAL = new Claim(1, 12);
  private static final Claim RETRY = new Claim(2, 21);

  @Test
  void numbersStatesAndEachPart() {
    assertEquals(
        List.of("1 QUEUED", "2 RUNNING", "3 11:0", "4 11:1", "5 11:2", "6 SUCCEEDED"),
        shown(
            state(1, Status.QUEUED, Claim.NONE),
            state(2, Status.RUNNING, FIRST),
            new Event.Delta(FIRST, 0, 2),
            new Event.Delta(FIRST, 2, 1),
            state(3, Status.SUCCEEDED, FIRST)));
  }

  @Test
  void showsOnlyTheNewPartsOfAnOverlappingBatch() {
    assertEquals(
        List.of("1 11:0", "2 11:1", "3 11:2"),
        shown(new Event.Delta(FIRST, 0, 2), new Event.Delta(FIRST, 1, 2)));
  }

  @Test
  void keepsToTheClaimThatBeganUntilTheRouterNamesAnother() {
    assertEquals(
        List.of("1 11:0", "2 RUNNING", "3 restarted", "4 12:0"),
        shown(
            new Event.Delta(FIRST, 0, 1),
            new Event.Delta(RIVAL, 0, 1),
            state(2, Status.RUNNING, RIVAL),
            new Event.Delta(FIRST, 1, 1),
            new Event.Delta(RIVAL, 0, 1)));
  }

  @Test
  void saysWhenALaterAttemptBegins() {
    assertEquals(
        List.of("1 11:0", "2 restarted", "3 21:0"),
        shown(
            new Event.Delta(FIRST, 0, 1),
            new Event.Delta(RETRY, 0, 1),
            new Event.Delta(FIRST, 1, 1)));
  }

  @Test
  void saysNothingOfARestartBeforeTheFirstPart() {
    assertEquals(
        List.of("1 RUNNING", "2 QUEUED", "3 RUNNING", "4 21:0"),
        shown(
            state(1, Status.RUNNING, FIRST),
            state(2, Status.QUEUED, Claim.NONE),
            state(3, Status.RUNNING, RETRY),
            new Event.Delta(RETRY, 0, 1)));
  }

  @Test
  void showsNothingAfterTheEnd() {
    assertEquals(
        List.of("1 CANCELLED"),
        shown(
            state(1, Status.CANCELLED, Claim.NONE),
            new Event.Delta(FIRST, 0, 1),
            state(2, Status.RUNNING, FIRST)));
  }

  /// Repeats of what was sent before, anywhere later, change neither what is shown nor its numbers.
  @Test
  void dropsRepeatsWhereverTheyCome() {
    List<Event> once = new ArrayList<>();
    once.add(state(1, Status.QUEUED, Claim.NONE));
    once.add(state(2, Status.RUNNING, FIRST));
    for (int part = 0; part < 12; part += 3) {
      once.add(new Event.Delta(FIRST, part, 3));
    }
    once.add(state(3, Status.QUEUED, Claim.NONE));
    once.add(state(4, Status.RUNNING, RETRY));
    once.add(new Event.Delta(RETRY, 0, 2));
    once.add(new Event.Delta(RETRY, 2, 2));
    once.add(state(5, Status.SUCCEEDED, RETRY));
    List<String> expected = shown(once.toArray(Event[]::new));

    for (int seed = 0; seed < 2_000; seed++) {
      Random random = new Random(seed);
      List<Event> log = new ArrayList<>();
      for (int i = 0; i < once.size(); i++) {
        log.add(once.get(i));
        while (random.nextInt(3) == 0) {
          log.add(once.get(random.nextInt(i + 1)));
        }
      }

      assertEquals(expected, shown(log.toArray(Event[]::new)), "seed " + seed);
    }
  }

  @Test
  void goesOnFromAStateThatWasStored() {
    Random random = new Random(7);
    List<Event> log = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      Claim claim = List.of(FIRST, RIVAL, RETRY).get(random.nextInt(3));
      log.add(
          random.nextBoolean()
              ? new Event.Delta(claim, random.nextInt(8), 1 + random.nextInt(3))
              : state(random.nextInt(20), Status.RUNNING, claim));
    }
    List<String> whole = shown(log.toArray(Event[]::new));

    assertTrue(whole.size() > 3);
    for (int i = 0; i < whole.size(); i++) {
      assertTrue(whole.get(i).startsWith((i + 1) + " "), whole.toString());
    }
  }

  private static Event state(int transition, Status status, Claim claim) {
    return new Event.StateChange(transition, status, claim);
  }

  private static List<String> shown(Event... log) {
    List<String> seen = new ArrayList<>();
    EventFilter.State state = EventFilter.State.START;
    for (Event event : log) {
      EventFilter.Step step = EventFilter.next(state, event);
      state = step.state();
      switch (step.shown()) {
        case Shown.Nothing() -> {}
        case Shown.StateChange(int ordinal) ->
            seen.add(ordinal + " " + ((Event.StateChange) event).status());
        case Shown.Parts(int ordinal, int skip, int parts, boolean restarted) -> {
          if (restarted) {
            seen.add((ordinal - 1) + " restarted");
          }
          Event.Delta delta = (Event.Delta) event;
          for (int i = 0; i < parts; i++) {
            seen.add(
                (ordinal + i) + " " + delta.claim().claimId() + ":" + (delta.part() + skip + i));
          }
        }
      }
    }
    return seen;
  }
}
