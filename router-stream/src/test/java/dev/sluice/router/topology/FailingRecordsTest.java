package dev.sluice.router.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.serde.SchemaRegistryException;
import dev.sluice.router.core.LogPosition;
import java.io.IOException;
import java.util.Optional;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

class FailingRecordsTest {
  private final FailingRecords failing = new FailingRecords();

  private static LogPosition at(int partition, long offset) {
    return new LogPosition("jobs", partition, offset);
  }

  private void fails(LogPosition record, int times, RuntimeException why) {
    for (int i = 0; i < times; i++) {
      failing.failed(record, why);
    }
  }

  @Test
  void aRecordThatFailsEachTimeIsGivenUp() {
    fails(at(0, 7), FailingRecords.TRIALS, new ArithmeticException("too large"));

    String why = failing.givenUp(at(0, 7)).orElseThrow();

    assertTrue(why.contains("ArithmeticException: too large"), why);
    assertEquals(Optional.empty(), failing.givenUp(at(0, 8)));
    assertEquals(Optional.empty(), failing.givenUp(at(1, 7)));
  }

  @Test
  void aRecordThatMayYetSucceedIsTriedAgain() {
    fails(at(0, 7), FailingRecords.TRIALS - 1, new ArithmeticException("too large"));
    assertEquals(Optional.empty(), failing.givenUp(at(0, 7)));

    fails(at(0, 8), 1, new ArithmeticException("too large"));
    fails(at(0, 7), 1, new ArithmeticException("too large"));

    assertEquals(Optional.empty(), failing.givenUp(at(0, 7)), "others failed in between");
  }

  /// A broker, a task that has moved, a schema registry.
  @Test
  void whatIsAwayIsNoRecordsFault() {
    fails(at(0, 7), 9, new TimeoutException("no broker"));
    fails(at(0, 7), 9, new SecondWriterException("another router"));
    fails(at(0, 7), 9, new SchemaRegistryException("no registry", new IOException()));

    assertEquals(Optional.empty(), failing.givenUp(at(0, 7)));
  }
}
