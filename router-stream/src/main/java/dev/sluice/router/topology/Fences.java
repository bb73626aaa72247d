package dev.sluice.router.topology;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;

/// The fence of each changelog partition that this process writes.
final class Fences {
  private final Map<TopicPartition, OffsetFence> byPartition = new ConcurrentHashMap<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private final List<Consumer<TopicPartition>> losers = new CopyOnWriteArrayList<>();

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

  /// The task of this partition has left this process. What waits behind a gap that nobody has
  /// looked into must not leave now: the log is another's, and so is the sending.
  void forget(TopicPartition changelog) {
    if (!of(changelog).clear()) {
      losers.forEach(loser -> loser.accept(changelog));
    }
    byPartition.remove(changelog);
    listeners.forEach(Runnable::run);
  }

  /// @param loser is told of a task that was given up while a second writer was suspected
  void onLost(Consumer<TopicPartition> loser) {
    losers.add(loser);
  }

  void onCleared(Runnable listener) {
    listeners.add(listener);
  }
}
