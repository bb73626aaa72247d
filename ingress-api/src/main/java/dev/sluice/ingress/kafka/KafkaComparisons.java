package dev.sluice.ingress.kafka;

import dev.sluice.contract.avro.ComparedRoute;
import dev.sluice.contract.topic.Topics;
import dev.sluice.ingress.log.ComparisonLog;
import dev.sluice.runtime.lifecycle.ServiceContext;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;

/// The routes that are compared, hour by hour, in memory from the first time someone asks: some
/// hundred bytes for each route and hour.
public final class KafkaComparisons implements ComparisonLog, AutoCloseable {
  private static final String TOPIC = Topics.COMPARISONS.name();
  private static final Duration KEPT = Topics.COMPARISONS.retention().orElseThrow();

  private final ServiceContext context;
  private final Serde<ComparedRoute> serde;
  private final TopicFollower follower;
  private final Map<String, ComparedRoute> routes = new ConcurrentHashMap<>();

  public KafkaComparisons(ServiceContext context) {
    this.context = context;
    this.serde = context.serdes().forRecord(ComparedRoute.class);
    this.follower =
        new TopicFollower(context.kafka(), "sluice-ingress-comparisons", TOPIC, this::take);
  }

  private void take(String key, byte @Nullable [] value) {
    if (value == null) {
      routes.remove(key);
    } else {
      routes.put(key, serde.deserializer().deserialize(TOPIC, value));
    }
  }

  @Override
  public List<ComparedRoute> routes(Instant from, Instant to) {
    follower.start();
    follower.settle();
    Instant oldest = context.clock().instant().minus(KEPT);
    routes.values().removeIf(route -> route.getHour().isBefore(oldest));
    return routes.values().stream()
        .filter(route -> !route.getHour().isBefore(from) && route.getHour().isBefore(to))
        .toList();
  }

  @Override
  public void close() {
    follower.close();
  }
}
