package dev.sluice.router.topology;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.common.TopicPartition;

/// The fence of each changelog partition that this process writes.
final class Fences {
  /// Writes changelog partitions, and holds outputs behind their fences.
  interface Writer {
    /// A fence may have become clear.
    void cleared();

    /// The task of this partition has left this process.
    ///
    /// @param suspected whether a gap was seen that nobody has looked into
    void forgot(TopicPartition changelog, boolean suspected);
  }

  private final Map<TopicPartition, OffsetFence> byPartition = new ConcurrentHashMap<>();
  private final List<Writer> writers = new CopyOnWriteArrayList<>();

  OffsetFence of(TopicPartition changelog) {
    return byPartition.computeIfAbsent(changelog, _ -> new OffsetFence());
  }

  /// Whether no fence has an unseen gap.
  boolean clear() {
    for (OffsetFence fence : byPartition.values()) {
      if (!fence.clear()) {
        return false;
      }
    }
    return true;
  }

  void close(TopicPartition changelog, OffsetFence.Gap seen) {
    of(changelog).close(seen);
    writers.forEach(Writer::cleared);
  }

  /// The task of this partition has left this process. What waits behind a gap that nobody has
  /// looked into, or on a transition that is not logged yet, must not leave now: the log is
  /// another's, and so is the sending.
  void forget(TopicPartition changelog) {
    boolean suspected = !of(changelog).clear();
    writers.forEach(writer -> writer.forgot(changelog, suspected));
    byPartition.remove(changelog);
    writers.forEach(Writer::cleared);
  }

  void add(Writer writer) {
    writers.add(writer);
  }

  void remove(Writer writer) {
    writers.remove(writer);
  }
}
