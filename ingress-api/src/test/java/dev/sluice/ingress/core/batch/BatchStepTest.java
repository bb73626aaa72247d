package dev.sluice.ingress.core.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.ingress.core.batch.BatchStep.Ending;
import dev.sluice.ingress.core.batch.BatchStep.Situation;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class BatchStepTest {
  private static final BatchStatus RUNS = BatchStatus.IN_PROGRESS;
  private static final BatchStatus CANCELS = BatchStatus.CANCELLING;

  static Stream<Arguments> situations() {
    return Stream.of(
        Arguments.of("the first lines", at(RUNS, false, false, 0, 0, 0), new BatchStep.Submit(100)),
        Arguments.of("the last lines", at(RUNS, false, false, 90, 5, 0), new BatchStep.Submit(10)),
        Arguments.of("all are in flight", at(RUNS, false, false, 100, 5, 0), new BatchStep.Await()),
        Arguments.of(
            "all are done",
            at(RUNS, false, false, 100, 0, 0),
            new BatchStep.End(BatchStatus.COMPLETED)),
        Arguments.of(
            "some came too late",
            at(RUNS, false, true, 100, 0, 3),
            new BatchStep.End(BatchStatus.EXPIRED)),
        Arguments.of(
            "the deadline passes",
            at(RUNS, false, true, 50, 5, 0),
            new BatchStep.WriteOff(Ending.EXPIRED)),
        Arguments.of(
            "a cancel is wished", at(RUNS, true, false, 50, 5, 0), new BatchStep.BeginCancel()),
        Arguments.of(
            "a cancel comes before the deadline's",
            at(CANCELS, true, true, 50, 5, 0),
            new BatchStep.WriteOff(Ending.CANCELLED)),
        Arguments.of(
            "cancelled lines are in flight",
            at(CANCELS, true, false, 100, 5, 0),
            new BatchStep.Await()),
        Arguments.of(
            "the last has ended",
            at(CANCELS, true, false, 100, 0, 3),
            new BatchStep.End(BatchStatus.CANCELLED)));
  }

  private static Situation at(
      BatchStatus status, boolean wished, boolean late, long submitted, int open, long expired) {
    return new Situation(status, wished, late, 100, submitted, submitted - open, open, expired);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("situations")
  void decides(String name, Situation situation, BatchStep expected) {
    assertEquals(expected, BatchStep.decide(situation), name);
  }

  @ParameterizedTest
  @CsvSource({"10000,20000,10000", "5,300000,100000"})
  void neverHasMoreInFlightNorFurtherApartThanItsBounds(int inFlight, long submitted, long low) {
    Situation full = new Situation(RUNS, false, false, 1_000_000, submitted, low, inFlight, 0);

    assertEquals(new BatchStep.Await(), BatchStep.decide(full));
  }

  @ParameterizedTest
  @CsvSource({"24h,PT24H", "7d,P7D", "90s,PT90S", "8d,", "0h,", "24,", "h,", "1w,"})
  void readsCompletionWindows(String text, Duration window) {
    assertEquals(Optional.ofNullable(window), CompletionWindow.parse(text));
  }
}
