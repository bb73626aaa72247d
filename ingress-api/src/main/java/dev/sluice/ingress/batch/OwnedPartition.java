package dev.sluice.ingress.batch;

import dev.sluice.contract.avro.BatchEntry;
import dev.sluice.contract.avro.BatchProgress;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.batch.Validation.Report;
import dev.sluice.ingress.core.batch.BatchStatus;
import dev.sluice.ingress.kafka.KafkaBatches;
import dev.sluice.runtime.telemetry.LogKeys;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All batches of one partition of `sluice.batches`, which this process alone may move: its
/// producer has fenced every earlier owner's. Owned by the runner's thread.
final class OwnedPartition implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OwnedPartition.class);

  private final BatchParts parts;
  private final BatchProducer producer;
  private final long loadedAt;
  private final Map<String, BatchRecord> records = new HashMap<>();
  private final Map<String, PendingValidation> validating = new HashMap<>();
  private final Map<String, RunningBatch> running = new HashMap<>();

  /// What was read of batches before their request: one that was written again, the same, under an
  /// idempotency key, may stand behind what became of the first.
  private final Map<String, BatchEntry> early = new HashMap<>();

  private final Set<String> ended = new HashSet<>();
  private boolean loaded;

  /// @param producer has fenced the others already
  /// @param loadedAt end of the partition after that: what stands before it is all there is
  OwnedPartition(BatchParts parts, BatchProducer producer, long loadedAt) {
    this.parts = parts;
    this.producer = producer;
    this.loadedAt = loadedAt;
  }

  /// A record of the partition.
  ///
  /// @param entry null where the key was removed
  void take(String key, @Nullable BatchEntry entry) {
    String id = KafkaBatches.idOf(key);
    if (entry == null) {
      records.remove(id);
      early.remove(id);
      ended.remove(id);
      return;
    }
    BatchRecord before = records.get(id);
    if (entry.getRequest() != null) {
      if (before == null && !ended.contains(id)) {
        records.put(id, asked(id, entry, early.remove(id)));
        if (loaded) {
          begin(id);
        }
      }
    } else if (before == null && !loaded) {
      early.merge(id, entry, OwnedPartition::both);
    } else if (before != null && entry.getWish() != null) {
      records.put(
          id, new BatchRecord(id, before.tenant(), before.request(), true, before.progress()));
      RunningBatch batch = running.get(id);
      if (batch != null) {
        batch.wishCancel();
      }
    } else if (before != null && !loaded) {
      // Later ones are our own.
      records.put(id, progressed(before, entry.getProgress()));
    }
  }

  private static BatchRecord asked(String id, BatchEntry entry, @Nullable BatchEntry known) {
    return new BatchRecord(
        id,
        entry.getTenant(),
        entry.getRequest(),
        known != null && known.getWish() != null,
        known == null ? null : known.getProgress());
  }

  private static BatchEntry both(BatchEntry before, BatchEntry next) {
    BatchEntry both = BatchEntry.newBuilder(before).build();
    both.setWish(next.getWish() == null ? before.getWish() : next.getWish());
    both.setProgress(next.getProgress() == null ? before.getProgress() : next.getProgress());
    return both;
  }

  private static BatchRecord progressed(BatchRecord before, @Nullable BatchProgress progress) {
    return new BatchRecord(
        before.id(), before.tenant(), before.request(), before.cancelWished(), progress);
  }

  /// @param position next record of the partition to read
  void readUpTo(long position) {
    if (!loaded && position >= loadedAt) {
      loaded = true;
      early.clear();
      List.copyOf(records.keySet()).forEach(this::begin);
    }
  }

  private void begin(String id) {
    BatchRecord batch = records.get(id);
    if (batch == null) {
      return;
    }
    BatchProgress progress = batch.progress();
    if (progress == null) {
      validating.put(id, PendingValidation.start(parts.input(batch.request()), parts.policy()));
    } else if (BatchStatus.of(progress.getStatus()).ended()) {
      records.remove(id);
      ended.add(id);
    } else {
      resume(batch);
    }
  }

  private void resume(BatchRecord batch) {
    try {
      RunningBatch resumed =
          RunningBatch.resume(batch, parts.input(batch.request()), parts.random());
      running.put(batch.id(), resumed);
      parts.results().require(resumed.replyPartition(), resumed.resultsOffset());
    } catch (NoSuchFileException _) {
      leave(batch.id());
    } catch (IOException e) {
      throw new KafkaException("the input of a batch cannot be read", e);
    }
  }

  List<RunningBatch> running() {
    return List.copyOf(running.values());
  }

  boolean busy() {
    return !running.isEmpty() || !validating.isEmpty();
  }

  /// One step ahead for each batch, in one transaction.
  void turn(Instant now) throws IOException {
    List<Turn> turns = new ArrayList<>();
    for (String id : List.copyOf(validating.keySet())) {
      validated(id, now).ifPresent(turns::add);
    }
    List<RunningBatch> begun = running();
    for (RunningBatch batch : begun) {
      turn(batch, now).ifPresent(turns::add);
    }
    if (!turns.isEmpty()) {
      producer.write(turns);
    }
    for (Turn turn : turns) {
      settle(turn);
    }
    for (RunningBatch batch : begun) {
      for (JobId id : batch.cancels(now)) {
        parts.cancels().cancel(id, records.get(batch.id()));
      }
    }
  }

  /// A batch whose input is gone must not hold up the others.
  private Optional<Turn> turn(RunningBatch batch, Instant now) throws IOException {
    try {
      return batch.turn(parts.results().reached(batch.replyPartition()), now);
    } catch (NoSuchFileException _) {
      leave(batch.id());
      return Optional.empty();
    }
  }

  private void leave(String id) {
    LOG.atError().addKeyValue("batch", id).log("the input of a batch is gone, it stands still");
    running.remove(id);
    records.remove(id);
  }

  /// What follows once a turn is in the log.
  private void settle(Turn turn) throws IOException {
    BatchRecord before = records.get(turn.batchId());
    if (before == null) {
      return;
    }
    if (BatchStatus.of(turn.progress().getStatus()).ended()) {
      RunningBatch done = running.remove(turn.batchId());
      if (done != null) {
        done.close();
      }
      records.remove(turn.batchId());
      ended.add(turn.batchId());
    } else if (!running.containsKey(turn.batchId())) {
      BatchRecord valid = progressed(before, turn.progress());
      records.put(turn.batchId(), valid);
      resume(valid);
    }
  }

  private Optional<Turn> validated(String id, Instant now) {
    BatchRecord batch = records.get(id);
    PendingValidation pending = validating.get(id);
    if (batch == null || pending == null) {
      validating.remove(id);
      return Optional.empty();
    }
    if (!batch.cancelWished() && !pending.isDone()) {
      return Optional.empty();
    }
    validating.remove(id);
    BatchProgress first =
        batch.cancelWished() ? RunningBatch.cancelledEarly(now) : judged(batch, pending, now);
    pending.close();
    return Optional.of(new Turn(id, batch.tenant(), first, List.of(), List.of()));
  }

  private BatchProgress judged(BatchRecord batch, PendingValidation pending, Instant now) {
    Report report;
    try {
      report = pending.report();
    } catch (CompletionException e) {
      LOG.atWarn()
          .addKeyValue(LogKeys.TENANT_ID, batch.tenant())
          .setCause(e)
          .log("input not readable");
      return RunningBatch.refused(Validation.unreadable(), now);
    }
    return report.problems().isEmpty()
        ? RunningBatch.begin(
            report.lines(), parts.results().end(batch.request().getReplyPartition()), now)
        : RunningBatch.refused(report.problems(), now);
  }

  void take(JobId id, JobResult result, Instant now) {
    for (RunningBatch batch : running.values()) {
      batch.take(id, result, now);
    }
  }

  @Override
  public void close() {
    validating.values().forEach(PendingValidation::close);
    running.values().forEach(OwnedPartition::closeQuietly);
    producer.close();
  }

  private static void closeQuietly(RunningBatch batch) {
    try {
      batch.close();
    } catch (IOException e) {
      LOG.atDebug().setCause(e).log("input of a batch not closed");
    }
  }
}
