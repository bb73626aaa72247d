package dev.sluice.metering.topology;

import dev.sluice.contract.avro.Settlement;
import dev.sluice.metering.core.LedgerProgress;
import java.time.Instant;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/// Reads the ledger: drops what this task has counted before, sets aside what cannot be used. Owned
/// by the task's thread.
final class LedgerReader implements Processor<byte[], byte[], byte[], Object> {
  private final Deserializer<Settlement> deserializer;
  private final MeteringMeters meters;

  // Set by init, before any record.
  @SuppressWarnings("NullAway.Init")
  private ProcessorContext<byte[], Object> context;

  @SuppressWarnings("NullAway.Init")
  private ProgressStore progress;

  @SuppressWarnings("NullAway.Init")
  private LedgerLetters deadLetters;

  LedgerReader(Deserializer<Settlement> deserializer, MeteringMeters meters) {
    this.deserializer = deserializer;
    this.meters = meters;
  }

  @Override
  public void init(ProcessorContext<byte[], Object> given) {
    context = given;
    progress = new ProgressStore(given);
    deadLetters = new LedgerLetters(given, meters);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    RecordMetadata place = context.recordMetadata().orElseThrow();
    Instant appendedAt = Instant.ofEpochMilli(record.timestamp());
    LedgerProgress before = progress.read();
    if (before.covers(place.offset(), appendedAt)) {
      meters.repeatDropped();
      return;
    }
    switch (LedgerReading.of(record.value(), deserializer)) {
      case LedgerReading.Usable usable ->
          context.forward(record.withValue(new Settled(usable, record)), NodeNames.COUNT);
      case LedgerReading.Unusable unusable -> deadLetters.setAside(record, unusable);
    }
    progress.write(before.after(place.offset(), appendedAt));
  }
}
