package dev.sluice.ingress.kafka;

import dev.sluice.contract.avro.QuotaReading;
import dev.sluice.contract.avro.QuotaState;
import dev.sluice.contract.topic.LimitKey;
import dev.sluice.contract.topic.Topics;
import dev.sluice.ingress.log.QuotaLog;
import dev.sluice.runtime.lifecycle.ServiceContext;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;

/// The use of every tenant with limits, in memory: about a kilobyte each, and half of one for each
/// value of a tag that has a limit for itself.
public final class KafkaQuotas implements QuotaLog, AutoCloseable {
  private static final String TOPIC = Topics.QUOTAS.name();

  private final Serde<QuotaState> serde;
  private final TopicFollower follower;
  private final InstantSource clock;
  private final Map<String, Told> byTenant = new ConcurrentHashMap<>();

  /// What each of a tenant's writers told last, by record key.
  ///
  /// @param values the same of single values, by their limits' names first
  private record Told(
      Map<String, QuotaState> whole,
      ConcurrentSkipListMap<String, Map<String, QuotaState>> values) {
    Told() {
      this(new ConcurrentHashMap<>(), new ConcurrentSkipListMap<>());
    }
  }

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
    Optional<LimitKey> limit = LimitKey.parse(key);
    String tenant = limit.map(LimitKey::tenant).orElse(key.split("\\|", 2)[0]);
    Told told = byTenant.computeIfAbsent(tenant, _ -> new Told());
    if (limit.isEmpty()) {
      put(told.whole(), key, value);
      return;
    }
    // One thread writes; others see a value's writers come and go.
    String name = limit.get().limit();
    Map<String, QuotaState> writers =
        told.values().computeIfAbsent(name, _ -> new ConcurrentHashMap<>(2));
    put(writers, key, value);
    if (writers.isEmpty()) {
      told.values().remove(name);
    }
  }

  private void put(Map<String, QuotaState> told, String key, byte @Nullable [] value) {
    if (value == null) {
      told.remove(key);
    } else {
      told.put(key, serde.deserializer().deserialize(TOPIC, value));
    }
  }

  @Override
  public Optional<QuotaState> of(String tenant) {
    Told told = byTenant.get(tenant);
    return told == null ? Optional.empty() : sum(told.whole().values());
  }

  @Override
  public List<QuotaReading> ofValues(String tenant, String after, int most) {
    Told told = byTenant.get(tenant);
    return told == null
        ? List.of()
        : told.values().tailMap(after, false).values().stream()
            .flatMap(writers -> reading(writers).stream())
            .limit(most)
            .toList();
  }

  @Override
  public Optional<QuotaReading> ofValue(String tenant, String limit) {
    Told told = byTenant.get(tenant);
    return Optional.ofNullable(told == null ? null : told.values().get(limit))
        .flatMap(this::reading);
  }

  private Optional<QuotaReading> reading(Map<String, QuotaState> writers) {
    return sum(writers.values()).flatMap(state -> state.getLimits().stream().findFirst());
  }

  private Optional<QuotaState> sum(Collection<QuotaState> told) {
    return QuotaSum.of(told, clock.instant());
  }

  @Override
  public void close() {
    follower.close();
  }
}
