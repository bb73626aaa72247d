package dev.sluice.runtime.config;

import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;

/// Where Kafka is, and the raw client properties of `server.kafka`, secrets resolved. Printing
/// shows the names of the properties only.
///
/// @param properties as Kafka's clients know them, such as `security.protocol`; without
///   `bootstrap.servers`
public record KafkaSettings(String bootstrapServers, Map<String, String> properties) {

  public KafkaSettings {
    properties = Map.copyOf(properties);
  }

  /// A broker without any further property.
  public static KafkaSettings at(String bootstrapServers) {
    return new KafkaSettings(bootstrapServers, Map.of());
  }

  /// The properties every client starts from; a fresh map that the caller may add to.
  public Map<String, Object> toClientProperties() {
    var all = new HashMap<String, Object>(properties);
    all.put("bootstrap.servers", bootstrapServers);
    return all;
  }

  /// The same as [Properties], for Kafka Streams.
  public Properties toProperties() {
    var all = new Properties();
    all.putAll(toClientProperties());
    return all;
  }

  @Override
  public String toString() {
    return "KafkaSettings[" + bootstrapServers + ", " + new TreeSet<>(properties.keySet()) + "]";
  }
}
