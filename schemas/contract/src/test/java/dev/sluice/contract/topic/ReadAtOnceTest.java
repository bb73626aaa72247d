package dev.sluice.contract.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.zip.Deflater;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;

class ReadAtOnceTest {
  private static ProducerRecord<byte[], byte[]> record(int valueBytes) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>("sluice.commands", null, new byte[4], new byte[valueBytes]);
    record.headers().add(Headers.JOB, new byte[26]);
    return record;
  }

  /// Bytes in the log, as the broker counts them.
  private static int length(ProducerRecord<byte[], byte[]> record) {
    return MemoryRecords.withRecords(
            Compression.NONE,
            new SimpleRecord(0, record.key(), record.value(), record.headers().toArray()))
        .sizeInBytes();
  }

  @Test
  void everyRecordIsLongEnoughForAFetch() {
    Random sizes = new Random(17);
    for (int i = 0; i < 1_000; i++) {
      int length = length(ReadAtOnce.of(record(sizes.nextInt(1_000))));
      assertTrue(length >= ReadAtOnce.BYTES, length + " bytes");
    }
  }

  @Test
  void aLongRecordIsLeftAsItIs() {
    ProducerRecord<byte[], byte[]> record = ReadAtOnce.of(record(ReadAtOnce.BYTES));

    assertNull(record.headers().lastHeader(Headers.PADDING));
  }

  @Test
  void aRecordWithoutAKeyOrAValueIsLongEnoughToo() {
    ProducerRecord<byte[], byte[]> record =
        ReadAtOnce.of(new ProducerRecord<>("sluice.commands", null, null));

    assertTrue(length(record) >= ReadAtOnce.BYTES);
  }

  @Test
  void compressionDoesNotMakeItShort() {
    Header padding = ReadAtOnce.of(record(0)).headers().lastHeader(Headers.PADDING);
    Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
    deflater.setInput(ByteBuffer.wrap(padding.value()));
    deflater.finish();

    assertEquals(
        padding.value().length,
        Math.min(padding.value().length, deflater.deflate(new byte[2_048])));
    deflater.end();
  }
}
