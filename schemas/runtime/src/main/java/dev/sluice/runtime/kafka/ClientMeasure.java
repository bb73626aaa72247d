package dev.sluice.runtime.kafka;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.apache.kafka.common.MetricName;

/// The few of a Kafka client's many metrics that Sluice publishes, each for a whole client and
/// never for a broker, topic or partition.
enum ClientMeasure {
  REQUESTS("requests", "", Kind.TOTAL, "requests sent to brokers", "request-total"),
  REQUEST_RATE("request.rate", "", Kind.SUM, "requests sent in a second, lately", "request-rate"),
  CONNECTIONS("connections", "", Kind.SUM, "open connections", "connection-count"),
  RECORDS_SENT("records.sent", "", Kind.TOTAL, "records sent", "record-send-total"),
  RECORDS_READ("records.read", "", Kind.TOTAL, "records read", "records-consumed-total"),
  RETRIES("retries", "", Kind.TOTAL, "records sent again", "record-retry-total"),
  ERRORS("errors", "", Kind.TOTAL, "records that could not be sent", "record-error-total"),
  BATCH("batch.avg", "bytes", Kind.MEAN, "size of what is sent at once", "batch-size-avg"),
  LATENCY("request.latency.avg", "seconds", Kind.MEAN, "answer to a write", "request-latency-avg"),
  SLOWEST("request.latency.max", "seconds", Kind.MAX, "answer to a write", "request-latency-max"),
  FETCH("fetch.latency.avg", "seconds", Kind.MEAN, "fetch, with its wait", "fetch-latency-avg"),
  SLOWEST_FETCH(
      "fetch.latency.max", "seconds", Kind.MAX, "fetch, with its wait", "fetch-latency-max"),
  LAG("records.lag.max", "", Kind.MAX, "records behind the end of a partition", "records-lag-max");

  /// How the values of several clients of one name become one.
  enum Kind {
    /// Counted since the start of the process; a closed client keeps its part.
    TOTAL,
    SUM,
    MAX,
    MEAN
  }

  private static final Set<String> WHOLE_CLIENT = Set.of("client-id");
  private static final double MILLIS = 1_000;

  private final String meter;
  private final String unit;
  private final Kind kind;
  private final String description;
  private final String kafkaName;

  ClientMeasure(String meter, String unit, Kind kind, String description, String kafkaName) {
    this.meter = "sluice.kafka." + meter;
    this.unit = unit;
    this.kind = kind;
    this.description = description;
    this.kafkaName = kafkaName;
  }

  private static final Map<String, ClientMeasure> BY_KAFKA_NAME =
      Arrays.stream(values())
          .collect(Collectors.toUnmodifiableMap(measure -> measure.kafkaName, measure -> measure));

  /// The measure that a metric of Kafka's feeds, if any.
  static Optional<ClientMeasure> of(MetricName name) {
    return name.tags().keySet().equals(WHOLE_CLIENT)
        ? Optional.ofNullable(BY_KAFKA_NAME.get(name.name()))
        : Optional.empty();
  }

  String meter() {
    return meter;
  }

  String unit() {
    return unit;
  }

  Kind kind() {
    return kind;
  }

  String description() {
    return description;
  }

  /// A value of Kafka's in this measure's unit.
  double scaled(double value) {
    return unit.equals("seconds") ? value / MILLIS : value;
  }

  /// One value of those of several clients; NaN stands for none.
  double combined(DoubleStream values) {
    DoubleStream known = values.filter(value -> !Double.isNaN(value));
    return switch (kind) {
      case TOTAL, SUM -> known.sum();
      case MAX -> known.max().orElse(Double.NaN);
      case MEAN -> known.average().orElse(Double.NaN);
    };
  }
}
