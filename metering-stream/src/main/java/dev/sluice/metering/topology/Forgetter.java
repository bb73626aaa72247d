package dev.sluice.metering.topology;

import dev.sluice.contract.avro.CountedEntries;
import dev.sluice.metering.core.JobKeys;
import dev.sluice.metering.core.LedgerProgress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.Punctuator;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/// Forgets counted jobs beyond the horizon, oldest first, a bounded number at a time, and notes
/// until when it has forgotten: a job older than that is never counted as new. Owned by the task's
/// thread.
final class Forgetter implements Punctuator {
  private final ForgettingRule rule;
  private final MeteringMeters meters;
  private final KeyValueStore<Bytes, CountedEntries> store;
  private final ProgressStore progress;
  private final Instant earliest;

  private Forgetter(
      ProcessorContext<byte[], Object> context, ForgettingRule rule, MeteringMeters meters) {
    this.rule = rule;
    this.meters = meters;
    this.store = context.getStateStore(StoreNames.COUNTED);
    this.progress = new ProgressStore(context);
    this.earliest = Instant.ofEpochMilli(context.currentSystemTimeMs()).plus(rule.pause());
  }

  static void schedule(
      ProcessorContext<byte[], Object> context, ForgettingRule rule, MeteringMeters meters) {
    context.schedule(
        rule.every(), PunctuationType.WALL_CLOCK_TIME, new Forgetter(context, rule, meters));
  }

  @Override
  public void punctuate(long nowMillis) {
    LedgerProgress before = progress.read();
    if (Instant.ofEpochMilli(nowMillis).isBefore(earliest)) {
      return;
    }
    Instant until = before.appendedAt().minus(rule.horizon());
    if (Duration.between(before.forgottenUntil(), until).compareTo(rule.every()) < 0) {
      return;
    }
    List<Bytes> old = oldest(until);
    if (old.size() == rule.maxJobs()) {
      // More are left: those of the last one's millisecond may be among them, so it stays open.
      until = JobKeys.createdAt(old.getLast().get());
    }
    progress.write(before.forgettingUntil(until));
    old.forEach(store::delete);
    meters.jobsForgotten(old.size());
  }

  private List<Bytes> oldest(Instant until) {
    Bytes end = Bytes.wrap(JobKeys.firstCreatedAt(until));
    List<Bytes> keys = new ArrayList<>();
    try (KeyValueIterator<Bytes, CountedEntries> jobs = store.range(null, end)) {
      while (jobs.hasNext() && keys.size() < rule.maxJobs()) {
        keys.add(jobs.next().key);
      }
    }
    return keys;
  }
}
