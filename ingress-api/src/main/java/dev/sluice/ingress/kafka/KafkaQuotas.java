package dev.sluice.ingress.kafka;

import dev.sluice.contract.avro.QuotaState;
import dev.sluice.contract.topic.Topics;
import dev.sluice.ingress.log.QuotaLog;
import dev.sluice.runtime.lifecycle.ServiceContext;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;

/// The use of every tenant with limits, in memory: about a kilobyte each.
public final class KafkaQuotas implements QuotaLog, AutoCloseable {
  private static final String TOPIC = Topics.QUOTAS.name();

  private final Serde<QuotaState> serde;
  private final TopicFollower follower;
  private final InstantSource clock;

  /// What each of a tenant's writers told last, by record key.
  private final Map<String, Map<String, QuotaState>> byTenant = new ConcurrentHashMap<>();

  public KafkaQuotas(ServiceContext context) {
    this.clock = context.clock();
    this.serde = context.serdes().forRecord(QuotaState.class);
    this.follower = new TopicFollower(context.kafka(), "sluice-ingress-quotas", TOPIC, this::take);
  }

  /// Begins to read; until then nothing seems to be used.
  public void start() {
    follower.start();
  }

  private void take(String key, byte @Nullable [] value) {
    if (value == null) {
      byTenant.values().forEach(told -> told.remove(key));
    } else {
      QuotaState told = serde.deserializer().deserialize(TOPIC, value);
      byTenant.computeIfAbsent(told.getTenant(), _ -> new ConcurrentHashMap<>()).put(key, told);
    }
  }

  @Override
  public Optional<QuotaState> of(String tenant) {
    return QuotaSum.of(byTenant.getOrDefault(tenant, Map.of()).values(), clock.instant());
  }

  @Override
  public void close() {
    follower.close();
  }
}
