package dev.sluice.router.topology;

import dev.sluice.contract.avro.ShardUse;
import dev.sluice.contract.topic.LimitKey;
import dev.sluice.contract.topic.Topics;
import dev.sluice.router.core.limits.NamedLimit;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;

/// What tasks tell each other of budgets with alerts, as this process reads it.
final class BudgetView implements CompactedTables.Table, BudgetBoard {
  private final Serde<ShardUse> serde;
  private final Map<NamedLimit, Map<Integer, Map<Long, Long>>> told = new ConcurrentHashMap<>();

  /// What each task of this process has not seen yet.
  private final Map<Integer, Set<NamedLimit>> unseen = new ConcurrentHashMap<>();

  BudgetView(Serde<ShardUse> serde) {
    this.serde = serde;
  }

  @Override
  public Map<Integer, Map<Long, Long>> told(NamedLimit budget) {
    return told.getOrDefault(budget, Map.of());
  }

  @Override
  public Set<NamedLimit> news(int task) {
    Set<NamedLimit> known = unseen.get(task);
    if (known == null) {
      unseen.put(task, ConcurrentHashMap.newKeySet());
      return Set.copyOf(told.keySet());
    }
    if (known.isEmpty()) {
      return Set.of();
    }
    Set<NamedLimit> news = new HashSet<>(known);
    known.removeAll(news);
    return news;
  }

  @Override
  public void leave(int task) {
    unseen.remove(task);
  }

  @Override
  public String topic() {
    return Topics.BUDGETS.name();
  }

  /// What was told before goes on: of a period it only grows.
  @Override
  public void begin() {}

  @Override
  public void take(String key, byte @Nullable [] value) {
    LimitKey.parse(key)
        .ifPresent(teller -> {
          NamedLimit budget = new NamedLimit(teller.tenant(), teller.limit());
          if (value == null) {
            forget(budget, teller.task());
          } else {
            ShardUse use = serde.deserializer().deserialize(topic(), value);
            told.computeIfAbsent(budget, _ -> new ConcurrentHashMap<>())
                .put(teller.task(), Uses.times(use.getUse()));
          }
          unseen.values().forEach(each -> each.add(budget));
        });
  }

  private void forget(NamedLimit budget, int task) {
    told.computeIfPresent(
        budget,
        (_, tasks) -> {
          tasks.remove(task);
          return tasks.isEmpty() ? null : tasks;
        });
  }

  @Override
  public void settled() {}
}
