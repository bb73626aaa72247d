package dev.sluice.bench.scenario;

import dev.sluice.bench.process.SluiceProcess;
import dev.sluice.contract.avro.CostKind;
import dev.sluice.contract.avro.CostRow;
import dev.sluice.contract.topic.Topics;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The charges as finance reads them: committed rows of `sluice.costs` from the start, each with
/// the moment it could be read. One thread reads; the rest may be called by any.
final class CostRows implements AutoCloseable {
  private final Map<String, Long> readAt = new ConcurrentHashMap<>();
  private final Map<String, Integer> charges = new ConcurrentHashMap<>();
  private final TopicTail<CostRow> tail;

  CostRows(SluiceProcess sluice) {
    tail = new TopicTail<>(sluice, Topics.COSTS.name(), CostRow.class, (_, row) -> take(row));
  }

  private void take(CostRow row) {
    if (row.getKind() == CostKind.charge) {
      readAt.putIfAbsent(row.getJobId(), System.nanoTime());
      charges.merge(row.getJobId(), 1, Integer::sum);
    }
  }

  /// When the charge of each job could be read, `System.nanoTime`.
  Map<String, Long> readAt() {
    return new HashMap<>(readAt);
  }

  /// Whether no job was charged twice.
  boolean chargesOnce() {
    return charges.values().stream().allMatch(count -> count == 1);
  }

  @Override
  public void close() {
    tail.close();
  }
}
