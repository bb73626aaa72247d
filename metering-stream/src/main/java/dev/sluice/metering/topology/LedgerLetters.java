package dev.sluice.metering.topology;

import dev.sluice.contract.avro.DeadLetter;
import dev.sluice.contract.topic.DeadLetters;
import dev.sluice.contract.topic.Topics;
import dev.sluice.runtime.telemetry.LogKeys;
import java.time.Instant;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sets a ledger record aside with the reason, so that its partition goes on. Owned by the task's
/// thread.
final class LedgerLetters {
  private static final Logger LOG = LoggerFactory.getLogger(LedgerLetters.class);

  private final ProcessorContext<byte[], Object> context;
  private final MeteringMeters meters;

  LedgerLetters(ProcessorContext<byte[], Object> context, MeteringMeters meters) {
    this.context = context;
    this.meters = meters;
  }

  /// @param record as it was in the ledger
  void setAside(Record<byte[], byte[]> record, LedgerReading.Unusable reason) {
    RecordMetadata place = context.recordMetadata().orElseThrow();
    DeadLetter letter =
        DeadLetters.of(
            new TopicPartition(place.topic(), place.partition()),
            place.offset(),
            record.key(),
            record.value(),
            reason.code(),
            reason.message(),
            Instant.ofEpochMilli(context.currentSystemTimeMs()));
    meters.setAside(reason.code());
    LOG.atWarn()
        .addKeyValue(LogKeys.PARTITION, place.partition())
        .addKeyValue(LogKeys.OFFSET, place.offset())
        .addKeyValue(LogKeys.ERROR_CODE, reason.code().code())
        .log("ledger record set aside");
    byte[] key = Topics.LEDGER.name().getBytes(java.nio.charset.StandardCharsets.UTF_8);
    context.forward(record.withKey(key).withValue(letter), NodeNames.DEAD_LETTERS);
  }
}
