package dev.sluice.router.topology;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.common.TopicPartition;

/// The fence of each changelog partition that this process writes.
final class Fences {
  private final Map<TopicPartition, OffsetFence> byPartition = new ConcurrentHashMap<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

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
    listeners.forEach(Runnable::run);
  }

  /// The task of this partition has left this process.
  void forget(TopicPartition changelog) {
    byPartition.remove(changelog);
    listeners.forEach(Runnable::run);
  }

  void onCleared(Runnable listener) {
    listeners.add(listener);
  }
}
