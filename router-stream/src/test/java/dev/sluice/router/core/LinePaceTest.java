package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Priority;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LinePaceTest {
  private static final Instant START = Instant.parse("2026-11-28T12:00:00Z");
  private static final WaitingLine.Name NAME = new WaitingLine.Name("a", Priority.BATCH, "acme");

  private static JobId id(int number) {
    return Jobs.waiting(number).id();
  }

  private static WaitingLine line(long jobs, long taken) {
    return new WaitingLine(NAME, jobs, taken, List.of(), Optional.empty(), Map.of());
  }

  private static Instant after(int seconds) {
    return START.plus(Duration.ofSeconds(seconds));
  }

  @Test
  void knowsNoPaceAtFirstAndThenWhatItSees() {
    LinePace pace = new LinePace();

    assertEquals(0, pace.tell(List.of(line(100, 5)), after(0)).getFirst().perSecond());
    assertEquals(20, pace.tell(List.of(line(60, 45)), after(2)).getFirst().perSecond());
  }

  @Test
  void comesCloserToAChangedPaceWithTime() {
    LinePace pace = new LinePace();
    pace.tell(List.of(line(1_000, 0)), after(0));
    long taken = 0;
    double told = 0;
    for (int second = 1; second <= 60; second++) {
      taken += second <= 20 ? 10 : 40;
      told = pace.tell(List.of(line(1_000, taken)), after(second)).getFirst().perSecond();
    }

    assertEquals(40, told, 1);
  }

  @Test
  void tellsOfALineThatEmptiedOnceMore() {
    LinePace pace = new LinePace();
    pace.tell(List.of(line(3, 0)), after(0));

    assertEquals(List.of(new LinePace.Told(line(0, 0), 0)), pace.tell(List.of(), after(1)));
    assertEquals(List.of(), pace.tell(List.of(), after(2)));
  }

  @Test
  void aLineThatBeganAgainCountsFromItsBeginning() {
    LinePace pace = new LinePace();
    pace.tell(List.of(line(3, 500)), after(0));

    assertEquals(8, pace.tell(List.of(line(3, 8)), after(1)).getFirst().perSecond());
  }

  private static void add(TenantQueue queue, String tenant, int jobs) {
    for (int number = 0; number < jobs; number++) {
      Job job = Jobs.waiting(number, tenant, Priority.BATCH, 1);
      queue.add(new LiveJob(job), "", Jobs.PLACE);
    }
  }

  @Test
  void marksTheFirstAndTheLastOfALineAndSomeBetween() {
    TenantQueue queue = new TenantQueue();
    add(queue, "acme", 1_000);
    add(queue, "other", 3);

    List<WaitingLine> lines = queue.lines("a", Priority.BATCH, _ -> Optional.empty());

    WaitingLine acme = lines.getFirst();
    assertEquals(1_000, acme.jobs());
    assertEquals(new WaitingLine.Mark(0, id(0)), acme.marks().getFirst());
    assertEquals(new WaitingLine.Mark(999, id(999)), acme.marks().getLast());
    assertEquals(true, acme.marks().size() >= 20 && acme.marks().size() <= 40, acme.toString());
    assertEquals(
        List.of(0L, 1L, 2L),
        lines.getLast().marks().stream().map(WaitingLine.Mark::ahead).toList());
  }

  @Test
  void tellsPlacesInALongLineWithoutALookAtEachJob() {
    TenantQueue queue = new TenantQueue();
    add(queue, "acme", 100_000);
    IntStream.range(0, 20_000).forEach(_ -> queue.poll(_ -> TenantQueue.Turn.GOES, _ -> 1));

    WaitingLine line = queue.lines("a", Priority.BATCH, _ -> Optional.empty()).getFirst();

    assertEquals(80_000, line.jobs());
    assertEquals(new WaitingLine.Mark(0, id(20_000)), line.marks().getFirst());
    for (WaitingLine.Mark mark : line.marks()) {
      long ahead =
          IntStream.range(20_000, 100_000).filter(at -> id(at).compareTo(mark.id()) < 0).count();
      assertEquals(ahead, mark.ahead(), 2_000.0, mark.toString());
    }
  }

  @Test
  void countsWhatWasTakenFromALine() {
    TenantQueue queue = new TenantQueue();
    add(queue, "acme", 10);
    IntStream.range(0, 4).forEach(_ -> queue.poll(_ -> TenantQueue.Turn.GOES, _ -> 1));

    WaitingLine line = queue.lines("a", Priority.BATCH, _ -> Optional.empty()).getFirst();

    assertEquals(4, line.taken());
    assertEquals(new WaitingLine.Mark(0, id(4)), line.marks().getFirst());
  }
}
