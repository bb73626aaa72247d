package dev.sluice.deploy.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.contract.serde.SchemaRegistryException;
import dev.sluice.contract.topic.Topic;
import dev.sluice.contract.topic.Topics;
import dev.sluice.deploy.BrokerExtension;
import dev.sluice.deploy.InThisJvm;
import dev.sluice.runtime.registry.LogSchemaRegistry;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The built-in registry's topic on a real broker.
@InThisJvm
class SchemaTopicIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.fresh();

  private static final Schema A = record("A", "a");
  private static final Schema B = record("A", "b");

  @Test
  void keepsEveryIdOverAStopOfRegistryAndBroker() {
    Map<String, Integer> ids = new HashMap<>();
    try (var registry = LogSchemaRegistry.open(BROKER.clients())) {
      for (Topic topic : Topics.documented()) {
        ids.put(topic.name(), registry.register(topic.name() + "-value", topic.schema()));
      }
    }

    BROKER.restart();

    try (var registry = LogSchemaRegistry.open(BROKER.clients())) {
      for (Topic topic : Topics.documented()) {
        int id = ids.get(topic.name());
        assertEquals(topic.schema(), registry.byId(id));
        assertEquals(id, registry.register(topic.name() + "-value", topic.schema()));
      }
    }
  }

  /// The first registry is never closed, as when its process is killed.
  @Test
  void agreesWithAnotherWriterOfTheTopic() {
    var killed = LogSchemaRegistry.open(BROKER.clients());
    try (var registry = LogSchemaRegistry.open(BROKER.clients())) {
      int first = killed.register("contended-value", A);

      int second = registry.register("contended-value", B);

      assertNotEquals(first, second);
      assertEquals(A, registry.byId(first));
      assertEquals(B, registry.byId(second));
    } finally {
      killed.close();
    }
  }

  @Test
  void refusesWhatBreaksOldReadersOrWriters() {
    try (var registry = LogSchemaRegistry.open(BROKER.clients())) {
      registry.register("strict-value", A);

      var refused =
          assertThrows(
              SchemaRegistryException.class,
              () ->
                  registry.register(
                      "strict-value",
                      SchemaBuilder.record("A").fields().requiredLong("n").endRecord()));

      assertEquals(SchemaRegistryException.INCOMPATIBLE, refused.errorCode());
    }
  }

  private static Schema record(String name, String optionalField) {
    return SchemaBuilder.record(name)
        .fields()
        .requiredString("id")
        .optionalString(optionalField)
        .endRecord();
  }
}
