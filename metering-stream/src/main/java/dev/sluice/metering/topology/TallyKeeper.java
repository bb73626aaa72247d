package dev.sluice.metering.topology;

import dev.sluice.contract.avro.AttemptContext;
import dev.sluice.contract.avro.CostBucket;
import dev.sluice.contract.avro.Settlement;
import dev.sluice.metering.core.BucketKey;
import dev.sluice.metering.core.Period;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/// Adds new lines to the running totals of their hour, day and month. A total is written to its
/// topic at once when none was written lately, else with the others that change in the meantime:
/// under load one record stands for hundreds of changes. Totals are plain keys, not windows: a line
/// counts however late it comes. Owned by the task's thread.
final class TallyKeeper implements Processor<byte[], Counted, byte[], CostBucket> {
  private final Duration pause;
  private final Set<String> unwritten = new LinkedHashSet<>();
  private long nextWriteMillis;
  private @Nullable Cancellable timer;

  // Set by init, before any record.
  @SuppressWarnings("NullAway.Init")
  private ProcessorContext<byte[], CostBucket> context;

  @SuppressWarnings("NullAway.Init")
  private TotalsStore totals;

  /// @param pause between two writings of totals
  TallyKeeper(Duration pause) {
    this.pause = pause;
  }

  /// Also of a task that failed and starts again: nothing it held counts any more.
  @Override
  public void init(ProcessorContext<byte[], CostBucket> given) {
    context = given;
    totals = new TotalsStore(given);
    timer = null;
    unwritten.clear();
    unwritten.addAll(totals.marked());
    if (!unwritten.isEmpty()) {
      writeLater();
    }
  }

  @Override
  public void process(Record<byte[], Counted> record) {
    boolean now = context.currentSystemTimeMs() >= nextWriteMillis;
    for (Period period : Period.values()) {
      TotalsStore.Total total =
          totals.add(key(record.value().settlement(), period), record.value().lines());
      if (now) {
        write(total.name(), total.bucket());
      } else if (unwritten.add(total.name())) {
        totals.mark(total);
      }
    }
    if (now) {
      nextWriteMillis = context.currentSystemTimeMs() + pause.toMillis();
    } else if (timer == null) {
      writeLater();
    }
  }

  /// A timer that ran on while nothing changes would commit an empty transaction at each turn.
  private void writeLater() {
    timer = context.schedule(pause, PunctuationType.WALL_CLOCK_TIME, _ -> writeAll());
  }

  private void writeAll() {
    for (String name : unwritten) {
      write(name, totals.get(name));
      totals.unmark(name);
    }
    unwritten.clear();
    nextWriteMillis = context.currentSystemTimeMs() + pause.toMillis();
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  private void write(String name, CostBucket total) {
    int bar = name.indexOf('|');
    byte[] key = name.substring(bar + 1).getBytes(StandardCharsets.UTF_8);
    context.forward(
        new Record<>(key, total, context.currentSystemTimeMs()),
        NodeNames.costs(Period.valueOf(name.substring(0, bar))));
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
