package dev.sluice.runtime.kafka;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.metrics.KafkaMetric;
import org.apache.kafka.common.metrics.MetricsReporter;

/// A chosen few metrics of every Kafka client of a process, also of those that Kafka Streams makes:
/// `sluice_kafka_…{client}`. Kafka hands its metrics to a reporter as a client is made; they are
/// read at a scrape and cost nothing in between. Clients of one name are one series. Safe for use
/// by many threads.
final class ClientMeters {
  private static final String SETTING = "sluice.kafka.meters";

  private record Name(ClientMeasure measure, String client) {}

  private final MeterRegistry registry;
  private final Map<Name, Series> series = new ConcurrentHashMap<>();

  ClientMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /// Adds to a client's settings what makes it report here, beside the reporters it names itself.
  void addTo(Map<String, Object> settings) {
    List<Object> reporters = new ArrayList<>();
    Object named = settings.get(CommonClientConfigs.METRIC_REPORTER_CLASSES_CONFIG);
    if (named instanceof String names && !names.isBlank()) {
      reporters.addAll(List.of(names.strip().split("\\s*,\\s*")));
    }
    reporters.add(Reporter.class.getName());
    settings.put(CommonClientConfigs.METRIC_REPORTER_CLASSES_CONFIG, reporters);
    settings.put(SETTING, this);
  }

  private Series of(ClientMeasure measure, String client) {
    return series.computeIfAbsent(new Name(measure, client), this::registered);
  }

  private Series registered(Name name) {
    ClientMeasure measure = name.measure();
    Series made = new Series(measure);
    if (measure.kind() == ClientMeasure.Kind.TOTAL) {
      FunctionCounter.builder(measure.meter(), made, Series::value)
          .tag("client", name.client())
          .description(measure.description())
          .register(registry);
    } else {
      Gauge.builder(measure.meter(), made, Series::value)
          .tag("client", name.client())
          .baseUnit(measure.unit().isEmpty() ? null : measure.unit())
          .description(measure.description())
          .register(registry);
    }
    return made;
  }

  /// One measure of the clients of one name.
  private static final class Series {
    private final ClientMeasure measure;
    private final Set<KafkaMetric> open = ConcurrentHashMap.newKeySet();
    private double closed;

    Series(ClientMeasure measure) {
      this.measure = measure;
    }

    synchronized double value() {
      double now = measure.combined(open.stream().mapToDouble(this::read));
      return measure.kind() == ClientMeasure.Kind.TOTAL ? closed + now : now;
    }

    synchronized void open(KafkaMetric metric) {
      open.add(metric);
    }

    synchronized void close(KafkaMetric metric) {
      if (open.remove(metric)) {
        closed += read(metric);
      }
    }

    private double read(KafkaMetric metric) {
      return metric.metricValue() instanceof Number number
          ? measure.scaled(number.doubleValue())
          : Double.NaN;
    }
  }

  /// What Kafka makes for each client, by name. Called by the client's threads.
  public static final class Reporter implements MetricsReporter {
    private final Map<KafkaMetric, Series> reported = new ConcurrentHashMap<>();

    // Set by configure, before any metric.
    @SuppressWarnings("NullAway.Init")
    private ClientMeters meters;

    @Override
    public void configure(Map<String, ?> settings) {
      if (settings.get(SETTING) instanceof ClientMeters given) {
        meters = given;
      } else {
        throw new IllegalArgumentException("only for clients made by " + KafkaClients.class);
      }
    }

    @Override
    public void init(List<KafkaMetric> metrics) {
      metrics.forEach(this::metricChange);
    }

    @Override
    public void metricChange(KafkaMetric metric) {
      ClientMeasure.of(metric.metricName())
          .ifPresent(measure -> {
            String client = ClientName.of(metric.metricName().tags().getOrDefault("client-id", ""));
            Series series = meters.of(measure, client);
            series.open(metric);
            reported.put(metric, series);
          });
    }

    @Override
    public void metricRemoval(KafkaMetric metric) {
      Series left = reported.remove(metric);
      if (left != null) {
        left.close(metric);
      }
    }

    @Override
    public void close() {
      reported.keySet().forEach(this::metricRemoval);
    }
  }
}
