package dev.sluice.metering.topology;

import dev.sluice.contract.avro.DeadLetter;
import dev.sluice.contract.topic.Topics;
import dev.sluice.runtime.telemetry.LogKeys;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sets a ledger record aside with the reason, so that its partition goes on. Owned by the task's
/// thread.
final class DeadLetters {
  private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);
  private static final int MAX_VALUE_BYTES = 64 * 1024;

  private final ProcessorContext<byte[], Object> context;
  private final MeteringMeters meters;

  DeadLetters(ProcessorContext<byte[], Object> context, MeteringMeters meters) {
    this.context = context;
    this.meters = meters;
  }

  /// @param record as it was in the ledger
  void setAside(Record<byte[], byte[]> record, LedgerReading.Unusable reason) {
    RecordMetadata place = context.recordMetadata().orElseThrow();
    DeadLetter letter =
        DeadLetter.newBuilder()
            .setTopic(place.topic())
            .setPartition(place.partition())
            .setOffset(place.offset())
            .setCode(reason.code().code())
            .setMessage(reason.message())
            .setKey(head(record.key()))
            .setValue(head(record.value()))
            .setAt(Instant.ofEpochMilli(context.currentSystemTimeMs()))
            .build();
    meters.setAside(reason.code());
    LOG.atWarn()
        .addKeyValue(LogKeys.PARTITION, place.partition())
        .addKeyValue(LogKeys.OFFSET, place.offset())
        .addKeyValue(LogKeys.ERROR_CODE, reason.code().code())
        .log("ledger record set aside");
    byte[] key = Topics.LEDGER.name().getBytes(java.nio.charset.StandardCharsets.UTF_8);
    context.forward(record.withKey(key).withValue(letter), NodeNames.DEAD_LETTERS);
  }

  private static @Nullable ByteBuffer head(byte @Nullable [] bytes) {
    return bytes == null
        ? null
        : ByteBuffer.wrap(bytes, 0, Math.min(bytes.length, MAX_VALUE_BYTES));
  }
}
