package dev.sluice.runtime.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.Gauge;
import org.apache.kafka.common.metrics.MetricConfig;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.utils.Time;
import org.junit.jupiter.api.Test;

class ClientMetersTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Map<String, Object> settings = new HashMap<>();

  ClientMetersTest() {
    new ClientMeters(registry).addTo(settings);
  }

  /// The metrics of one Kafka client that reports as its settings say.
  private Metrics client() {
    var reporter = new ClientMeters.Reporter();
    reporter.configure(settings);
    return new Metrics(new MetricConfig(), new ArrayList<>(List.of(reporter)), Time.SYSTEM);
  }

  private static void has(Metrics client, String name, Map<String, String> tags, double value) {
    Gauge<Double> gauge = (_, _) -> value;
    client.addMetric(new MetricName(name, "producer-metrics", "", tags), gauge);
  }

  private static Map<String, String> id(String clientId) {
    return Map.of("client-id", clientId);
  }

  private double value(String meter) {
    return registry.get(meter).meter().measure().iterator().next().getValue();
  }

  @Test
  void clientsOfOneNameAreOneSeries() {
    has(client(), "request-total", id("sluice-metering-StreamThread-1-producer"), 40);
    has(client(), "request-total", id("sluice-metering-StreamThread-2-producer"), 2);

    assertEquals(42, value("sluice.kafka.requests"));
    assertEquals(
        "metering-producer",
        registry.get("sluice.kafka.requests").meter().getId().getTag("client"));
  }

  @Test
  void aTotalOutlivesItsClientAndAPresentValueDoesNot() {
    Metrics first = client();
    has(first, "request-total", id("a"), 40);
    has(first, "connection-count", id("a"), 3);

    first.close();
    Metrics second = client();
    has(second, "request-total", id("a"), 2);
    has(second, "connection-count", id("a"), 1);

    assertEquals(42, value("sluice.kafka.requests"));
    assertEquals(1, value("sluice.kafka.connections"));
  }

  @Test
  void anUnknownValueHidesNoKnownOne() {
    has(client(), "records-lag-max", id("a"), Double.NaN);
    has(client(), "records-lag-max", id("a"), 7);
    has(client(), "batch-size-avg", id("a"), Double.NaN);

    assertEquals(7, value("sluice.kafka.records.lag.max"));
    assertTrue(Double.isNaN(value("sluice.kafka.batch.avg")));
  }

  @Test
  void latenciesAreSeconds() {
    has(client(), "request-latency-avg", id("a"), 250);

    assertEquals(0.25, value("sluice.kafka.request.latency.avg"));
  }

  @Test
  void neitherBrokersNorPartitionsNorOtherMetricsBecomeSeries() {
    has(client(), "request-total", Map.of("client-id", "a", "node-id", "node-1"), 1);
    has(client(), "records-lag-max", Map.of("client-id", "a", "topic", "t", "partition", "0"), 1);
    has(client(), "io-wait-ratio", id("a"), 1);

    assertEquals(List.of(), registry.getMeters().stream().map(Meter::getId).toList());
  }

  @Test
  void aReporterOfTheUserStays() {
    Map<String, Object> named = new HashMap<>(Map.of("metric.reporters", "com.acme.Mine, b.C"));

    new ClientMeters(registry).addTo(named);

    assertEquals(
        Set.of("com.acme.Mine", "b.C", ClientMeters.Reporter.class.getName()),
        new TreeSet<>((List<?>) named.get("metric.reporters")));
  }
}
