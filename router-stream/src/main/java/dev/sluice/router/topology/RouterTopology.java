package dev.sluice.router.topology;

import dev.sluice.contract.model.Priority;
import dev.sluice.contract.topic.Topics;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.apache.kafka.streams.processor.TopicNameExtractor;
import org.apache.kafka.streams.state.Stores;

/// The router's whole graph: four inputs that share their partitions, one processor with one logged
/// store, one sink that each output names its topic to.
final class RouterTopology {

  /// Application id; also the group id and the prefix of the changelog.
  static final String APPLICATION_ID = "sluice.router";

  /// Name of the one store. Sources and store are part of the group's identity: never rename.
  static final String STORE = "transitions";

  private static final String PROCESSOR = "router";

  private RouterTopology() {}

  static Topology build(RouterProcessor.Parts parts) {
    Topology topology = new Topology();
    topology.addSource(
        AutoOffsetReset.earliest(),
        "inputs",
        new Inputs.ByUrgency(),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer(),
        Topics.COMMANDS.name(),
        Topics.jobs(Priority.INTERACTIVE).name(),
        Topics.jobs(Priority.STANDARD).name(),
        Topics.jobs(Priority.BATCH).name());
    topology.addProcessor(PROCESSOR, () -> new RouterProcessor(parts), "inputs");
    topology.addStateStore(
        Stores.keyValueStoreBuilder(parts.stores(), Serdes.Bytes(), Serdes.ByteArray())
            .withCachingDisabled()
            .withLoggingEnabled(changelogSettings()),
        PROCESSOR);
    TopicNameExtractor<byte[], Output> byOutput = (key, output, context) -> output.topic();
    Serializer<Output> bytes = (topic, output) -> output.value();
    StreamPartitioner<byte[], Output> explicit =
        (topic, key, output, partitions) ->
            output.partition() == null
                ? Optional.empty()
                : Optional.of(Set.of(output.partition() % partitions));
    topology.addSink("outputs", byOutput, new ByteArraySerializer(), bytes, explicit, PROCESSOR);
    return topology;
  }

  /// Finished jobs leave tombstones: compact early, so that a restart does not grow with history.
  private static Map<String, String> changelogSettings() {
    Map<String, String> settings = new java.util.HashMap<>(Topics.ROUTER_LOG.settings());
    settings.remove("retention.ms");
    settings.put("delete.retention.ms", "600000");
    settings.put("max.compaction.lag.ms", "60000");
    settings.put("segment.ms", "60000");
    return settings;
  }
}
