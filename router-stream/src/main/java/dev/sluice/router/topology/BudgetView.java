package dev.sluice.router.topology;

import dev.sluice.contract.avro.ShardUse;
import dev.sluice.contract.topic.Topics;
import dev.sluice.router.core.limits.UsesElsewhere;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;

/// What tasks tell each other of budgets with alerts. [#get] may be called by any thread.
final class BudgetView implements CompactedTables.Table, Supplier<UsesElsewhere> {
  private final Serde<ShardUse> serde;

  /// Owned by the reading thread.
  private UsesElsewhere read = UsesElsewhere.NONE;

  private volatile UsesElsewhere current = UsesElsewhere.NONE;

  BudgetView(Serde<ShardUse> serde) {
    this.serde = serde;
  }

  /// The same instance until something changes.
  @Override
  public UsesElsewhere get() {
    return current;
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
    if (value != null) {
      ShardUse told = serde.deserializer().deserialize(topic(), value);
      read = read.with(told.getTenant(), told.getTask(), Uses.budgets(told));
    }
  }

  @Override
  public void settled() {
    current = read;
  }
}
