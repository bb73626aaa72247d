package dev.sluice.runtime.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.avro.Beat;
import dev.sluice.contract.avro.BeatKind;
import dev.sluice.contract.serde.CompatibilityLevel;
import dev.sluice.contract.serde.ConfluentSchemaRegistry;
import dev.sluice.contract.serde.PortableSchema;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.serde.RegisteredSchema;
import dev.sluice.contract.serde.SchemaRegistryException;
import dev.sluice.contract.serde.SchemaRegistrySettings;
import dev.sluice.contract.topic.Topic;
import dev.sluice.contract.topic.Topics;
import java.net.URI;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/// What our client needs of a registry: held by the built-in one and by a server of someone else.
interface RegistryContract {
  Schema V1 = record("{'name':'a','type':'string'}");
  Schema V2 = record("{'name':'a','type':'string'},{'name':'b','type':'int','default':0}");
  Schema BROKEN = record("{'name':'c','type':'long'}");

  /// Its address.
  URI url();

  @Test
  default void registersAndReadsBack() {
    client(registry -> {
      String subject = subject();
      int id = registry.register(subject, V1);

      assertEquals(V1, fresh(other -> other.byId(id)));
      assertEquals(Integer.valueOf(id), fresh(other -> other.register(subject, V1)));
      assertEquals(Integer.valueOf(id), fresh(other -> other.register(subject(), V1)));
      assertEquals(new RegisteredSchema(subject, 1, id, V1), registry.lookup(subject, V1));
    });
  }

  @Test
  default void keepsTheVersionsOfASubject() {
    client(registry -> {
      String subject = subject();
      int first = registry.register(subject, V1);
      int second = registry.register(subject, V2);

      assertEquals(List.of(1, 2), registry.versions(subject));
      assertEquals(new RegisteredSchema(subject, 1, first, V1), registry.version(subject, 1));
      assertEquals(new RegisteredSchema(subject, 2, second, V2), registry.latest(subject));
      assertTrue(registry.subjects().contains(subject));
    });
  }

  @Test
  default void refusesWithConfluentsCodes() {
    client(registry -> {
      String subject = subject();
      registry.register(subject, V1);

      assertEquals(40401, code(() -> registry.latest(subject())));
      assertEquals(40401, code(() -> registry.versions(subject())));
      assertEquals(40401, code(() -> registry.lookup(subject(), V1)));
      assertEquals(40402, code(() -> registry.version(subject, 9)));
      assertEquals(40403, code(() -> registry.lookup(subject, V2)));
      assertEquals(40403, code(() -> registry.byId(1_000_000)));
    });
  }

  @Test
  default void refusesAnIncompatibleSchema() {
    client(registry -> {
      String subject = subject();
      registry.register(subject, V1);
      registry.setCompatibilityLevel(subject, CompatibilityLevel.FULL_TRANSITIVE);

      assertTrue(registry.compatibility(subject, V2).compatible());
      assertFalse(registry.compatibility(subject, BROKEN).compatible());
      assertEquals(409, code(() -> registry.register(subject, BROKEN)));
      assertEquals(List.of(1), registry.versions(subject));
    });
  }

  @Test
  default void keepsALevelForEachSubject() {
    client(registry -> {
      String subject = subject();
      registry.register(subject, V1);
      CompatibilityLevel global = registry.compatibilityLevel();

      registry.setCompatibilityLevel(subject, CompatibilityLevel.NONE);

      assertEquals(CompatibilityLevel.NONE, registry.compatibilityLevel(subject));
      assertEquals(global, registry.compatibilityLevel());
      assertTrue(registry.register(subject, BROKEN) > 0);
    });
  }

  @Test
  default void keepsIdsReadableAfterDeletion() {
    client(registry -> {
      String subject = subject();
      int id = registry.register(subject, V1);

      assertEquals(List.of(1), registry.deleteSubject(subject));

      assertFalse(registry.subjects().contains(subject));
      assertEquals(V1, fresh(other -> other.byId(id)));
    });
  }

  @Test
  default void takesEverySchemaOfOurTopics() {
    client(registry -> {
      String prefix = subject();
      for (Topic topic : Topics.documented()) {
        String subject = prefix + topic.name().replaceAll("[<>]", "");
        Schema schema = PortableSchema.of(topic.schema());
        int id = registry.register(subject, schema);

        assertEquals(schema.toString(), fresh(other -> other.byId(id).toString()));
      }
    });
  }

  @Test
  default void carriesRecordsFromOneProcessToAnother() {
    Beat beat =
        Beat.newBuilder()
            .setProcess("worker-1")
            .setKind(BeatKind.WORKER)
            .setPools(List.of("a"))
            .build();
    String topic = subject();
    byte[] bytes;
    try (var writer = RecordSerdes.from(SchemaRegistrySettings.at(url()))) {
      bytes = writer.forRecord(Beat.class).serializer().serialize(topic, beat);
    }

    try (var reader = RecordSerdes.from(SchemaRegistrySettings.at(url()))) {
      assertEquals(beat, reader.forRecord(Beat.class).deserializer().deserialize(topic, bytes));
    }
    client(registry -> assertEquals(1, registry.latest(topic + "-value").version()));
  }

  private void client(Consumer<ConfluentSchemaRegistry> use) {
    fresh(registry -> {
      use.accept(registry);
      return true;
    });
  }

  /// With empty caches.
  private <R> R fresh(Function<ConfluentSchemaRegistry, R> use) {
    try (var registry = new ConfluentSchemaRegistry(SchemaRegistrySettings.at(url()))) {
      return use.apply(registry);
    }
  }

  private static String subject() {
    return "it-" + UUID.randomUUID();
  }

  private static int code(Executable call) {
    return assertThrows(SchemaRegistryException.class, call).errorCode();
  }

  private static Schema record(String fields) {
    return new Schema.Parser()
        .parse("{'type':'record','name':'R','fields':[%s]}".formatted(fields).replace('\'', '"'));
  }
}
