package dev.sluice.worker.kafka;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.worker.kafka.AttemptSignal.Stop;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class AttemptSignalTest {
  private final AttemptSignal signal = new AttemptSignal();

  private boolean answered() throws InterruptedException {
    return signal.awaitVerdict(Duration.ZERO);
  }

  @Test
  void theAnswerToTheLastAskCounts() throws InterruptedException {
    signal.expectVerdict();

    signal.run(signal.ask());

    assertTrue(answered());
  }

  /// The router may have given the job away between the two.
  @Test
  void theAnswerToAnEarlierAskMeansNothing() throws InterruptedException {
    int earlier = signal.ask();
    signal.expectVerdict();

    signal.run(earlier);

    assertFalse(answered());
  }

  @Test
  void aVerdictThatCameBeforeTheDoubtMeansNothing() throws InterruptedException {
    signal.run(signal.ask());

    signal.expectVerdict();

    assertFalse(answered());
  }

  @Test
  void aRouterThatDoesNotSayWhichAskItAnswersIsBelieved() throws InterruptedException {
    signal.expectVerdict();

    signal.run(-1);

    assertTrue(answered());
  }

  @Test
  void aStopAnswersEveryAsk() throws InterruptedException {
    signal.stop(Stop.DROPPED);
    assertTrue(answered());

    signal.expectVerdict();

    assertTrue(answered());
  }
}
