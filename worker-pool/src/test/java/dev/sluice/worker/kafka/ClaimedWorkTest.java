package dev.sluice.worker.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.contract.avro.Work;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.topic.Headers;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class ClaimedWorkTest {
  private static final long APPENDED = 20_000;

  private static Instant causedAt(RecordHeaders headers) {
    ConsumerRecord<byte[], byte[]> record =
        new ConsumerRecord<>(
            "work",
            0,
            0,
            APPENDED,
            TimestampType.LOG_APPEND_TIME,
            0,
            0,
            new byte[0],
            new byte[0],
            headers,
            Optional.empty());
    return ClaimedWork.of(record, new Work(), Priority.STANDARD, 1).causedAt();
  }

  private static RecordHeaders caused(String millis) {
    RecordHeaders headers = new RecordHeaders();
    headers.add(Headers.CAUSED_AT, millis.getBytes(UTF_8));
    return headers;
  }

  @Test
  void workThatAFrozenRouterSentLateIsAsOldAsTheInputItAnswers() {
    assertEquals(Instant.ofEpochMilli(5_000), causedAt(caused("5000")));
  }

  @Test
  void workThatTimeItselfReleasedIsOld() {
    assertEquals(Instant.EPOCH, causedAt(caused("0")));
  }

  @Test
  void workIsNeverYoungerThanItsOwnRecord() {
    assertEquals(Instant.ofEpochMilli(APPENDED), causedAt(caused("90000")));
    assertEquals(Instant.ofEpochMilli(APPENDED), causedAt(caused("")));
    assertEquals(Instant.ofEpochMilli(APPENDED), causedAt(new RecordHeaders()));
  }
}
