package dev.sluice.metering.topology;

import dev.sluice.contract.avro.AttemptContext;
import dev.sluice.contract.avro.CostBucket;
import dev.sluice.contract.avro.Settlement;
import dev.sluice.metering.core.BucketKey;
import dev.sluice.metering.core.CostLine;
import dev.sluice.metering.core.Period;
import dev.sluice.metering.core.UsageTally;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/// Adds new lines to the running totals of their hour, day and month, and writes each new total.
/// Totals are plain keys, not windows: a line counts however late it comes. Owned by the task's
/// thread.
final class TallyKeeper implements Processor<byte[], Counted, byte[], CostBucket> {

  // Set by init, before any record.
  @SuppressWarnings("NullAway.Init")
  private ProcessorContext<byte[], CostBucket> context;

  @SuppressWarnings("NullAway.Init")
  private KeyValueStore<String, CostBucket> totals;

  @Override
  public void init(ProcessorContext<byte[], CostBucket> given) {
    context = given;
    totals = given.getStateStore(StoreNames.TOTALS);
  }

  @Override
  public void process(Record<byte[], Counted> record) {
    for (Period period : Period.values()) {
      add(record, period);
    }
  }

  private void add(Record<byte[], Counted> record, Period period) {
    BucketKey key = key(record.value().settlement(), period);
    String text = key.text();
    String storeKey = period + "|" + text;
    UsageTally tally = CostRecords.tally(totals.get(storeKey));
    for (CostLine line : record.value().lines()) {
      tally = tally.plus(line);
    }
    CostBucket bucket = CostRecords.bucket(key, tally);
    totals.put(storeKey, bucket);
    context.forward(
        record.withKey(text.getBytes(StandardCharsets.UTF_8)).withValue(bucket),
        NodeNames.costs(period));
  }

  private static BucketKey key(Settlement settlement, Period period) {
    AttemptContext context = settlement.getContext();
    return new BucketKey(
        period,
        period.startOf(settlement.getAt()),
        context.getTenant(),
        context.getModel(),
        context.getKeyId(),
        context.getTags());
  }
}
