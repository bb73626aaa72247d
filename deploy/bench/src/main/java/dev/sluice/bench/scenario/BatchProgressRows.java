package dev.sluice.bench.scenario;

import dev.sluice.bench.process.SluiceProcess;
import dev.sluice.contract.avro.BatchEntry;
import dev.sluice.contract.avro.BatchProgress;
import dev.sluice.contract.topic.Topics;
import java.io.IOException;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/// What `sluice.batches` says of batches, with the moment each could be read. A record is in one
/// transaction with the submissions that it counts, so a line counted is a job in the log.
final class BatchProgressRows implements AutoCloseable {
  private final Map<String, ConcurrentSkipListMap<Long, Long>> submittedAt =
      new ConcurrentHashMap<>();
  private final Map<String, BatchProgress> latest = new ConcurrentHashMap<>();
  private final TopicTail<BatchEntry> tail;

  BatchProgressRows(SluiceProcess sluice) {
    tail =
        new TopicTail<>(sluice, Topics.BATCHES.name(), BatchEntry.class, (_, entry) -> take(entry));
  }

  private void take(BatchEntry entry) {
    BatchProgress progress = entry.getProgress();
    if (progress != null) {
      submittedAt
          .computeIfAbsent(entry.getBatchId(), _ -> new ConcurrentSkipListMap<>())
          .putIfAbsent(progress.getSubmittedLines(), System.nanoTime());
      latest.put(entry.getBatchId(), progress);
    }
  }

  /// When so many lines of a batch were jobs in the log, `System.nanoTime`; 0 lines from when all
  /// of its lines were found valid. Empty while they are not.
  ///
  /// @throws IOException when they were found not to be
  OptionalLong submittedAt(String batch, long lines) throws IOException {
    if (status(batch).equals("failed")) {
      throw new IOException("a batch was refused: " + latest.get(batch));
    }
    var steps = submittedAt.get(batch);
    var step = steps == null ? null : steps.ceilingEntry(lines);
    return step == null ? OptionalLong.empty() : OptionalLong.of(step.getValue());
  }

  /// Lines whose answers are in the output.
  long succeeded(String batch) {
    BatchProgress progress = latest.get(batch);
    return progress == null ? 0 : progress.getSucceeded();
  }

  /// The vendor's word for where a batch is.
  String status(String batch) {
    BatchProgress progress = latest.get(batch);
    return progress == null ? "validating" : progress.getStatus();
  }

  @Override
  public void close() {
    tail.close();
  }
}
