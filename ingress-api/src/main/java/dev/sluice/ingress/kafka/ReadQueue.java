package dev.sluice.ingress.kafka;

import dev.sluice.ingress.log.LogUnavailableException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.TopicPartition;

/// Reads of the log that wait for a reader. Partitions take turns, and within a partition tenants
/// do, so that the many reads of one tenant do not keep the one read of another waiting. Safe for
/// use by many threads.
final class ReadQueue {
  /// One pass of a reader over a partition serves at most so many offsets, or one read.
  static final int BATCH_OFFSETS = 1_024;

  private final int maxWaiting;
  private final int maxOfTenant;
  private final LinkedHashMap<TopicPartition, SequencedMap<String, ArrayDeque<Read>>> waiting =
      new LinkedHashMap<>();
  private final Map<String, Integer> ofTenant = new HashMap<>();
  private int size;

  /// @param offsets ascending, at least one
  /// @param answer is given the values by offset; those that the log no longer has are left out
  record Read(
      String tenant,
      TopicPartition partition,
      List<Long> offsets,
      CompletableFuture<Map<Long, byte[]>> answer) {}

  ReadQueue(int maxWaiting, int maxOfTenant) {
    this.maxWaiting = maxWaiting;
    this.maxOfTenant = maxOfTenant;
  }

  /// @throws LogUnavailableException when too many wait already, of this tenant or of all
  synchronized void add(Read read) {
    int before = ofTenant.getOrDefault(read.tenant(), 0);
    if (size >= maxWaiting || before >= maxOfTenant) {
      throw new LogUnavailableException("too many reads of the log at once; try again");
    }
    size++;
    ofTenant.put(read.tenant(), before + 1);
    waiting
        .computeIfAbsent(read.partition(), _ -> new LinkedHashMap<>())
        .computeIfAbsent(read.tenant(), _ -> new ArrayDeque<>())
        .add(read);
    notifyAll();
  }

  /// Waits for reads and takes some of one partition.
  synchronized List<Read> take() throws InterruptedException {
    while (size == 0) {
      wait();
    }
    var lane = Objects.requireNonNull(waiting.pollFirstEntry());
    SequencedMap<String, ArrayDeque<Read>> tenants = lane.getValue();
    List<Read> batch = new ArrayList<>();
    int offsets = 0;
    while (!tenants.isEmpty() && offsets < BATCH_OFFSETS) {
      var turn = Objects.requireNonNull(tenants.pollFirstEntry());
      ArrayDeque<Read> reads = turn.getValue();
      int more = reads.element().offsets().size();
      if (batch.isEmpty() || offsets + more <= BATCH_OFFSETS) {
        batch.add(reads.remove());
        taken(turn.getKey());
      }
      // One that is left for the next pass ends this one.
      offsets += more;
      if (!reads.isEmpty()) {
        tenants.put(turn.getKey(), reads);
      }
    }
    if (!tenants.isEmpty()) {
      waiting.put(lane.getKey(), tenants);
    }
    return batch;
  }

  private void taken(String tenant) {
    size--;
    ofTenant.computeIfPresent(tenant, (_, count) -> count == 1 ? null : count - 1);
  }

  /// Takes all that wait.
  synchronized List<Read> takeAll() {
    List<Read> all =
        waiting.values().stream()
            .flatMap(tenants -> tenants.values().stream())
            .flatMap(ArrayDeque::stream)
            .toList();
    waiting.clear();
    ofTenant.clear();
    size = 0;
    return all;
  }

  synchronized int size() {
    return size;
  }
}
