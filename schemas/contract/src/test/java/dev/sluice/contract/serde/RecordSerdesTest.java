package dev.sluice.contract.serde;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.avro.Beat;
import dev.sluice.contract.serde.SchemaRegistrySettings.Credentials;
import dev.sluice.contract.serde.SchemaRegistrySettings.SerdeClasses;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.junit.jupiter.api.Test;

class RecordSerdesTest {
  private static final URI URL = URI.create("http://127.0.0.1:1");

  @Test
  void givesOurSerdeOverTheGivenRegistry() {
    try (var serdes = RecordSerdes.over(new FakeSchemaRegistry())) {
      assertInstanceOf(AvroSerde.class, serdes.forRecord(Beat.class));
      assertSame(serdes.forRecord(Beat.class), serdes.forRecord(Beat.class));
    }
  }

  @Test
  void usesOurClientWhereTheSettingsNameNone() {
    try (var serdes = RecordSerdes.from(SchemaRegistrySettings.at(URL))) {
      assertInstanceOf(ConfluentSchemaRegistry.class, serdes.registry());
    }
  }

  @Test
  void usesTheRegistryClassThatTheSettingsName() {
    var settings =
        SchemaRegistrySettings.builder(List.of(URL))
            .registryClass(OtherRegistry.class.getName())
            .build();

    try (var serdes = RecordSerdes.from(settings)) {
      assertEquals(settings, ((OtherRegistry) serdes.registry()).settings);
    }
  }

  @Test
  void usesTheSerdeThatTheSettingsName() {
    var settings =
        SchemaRegistrySettings.builder(List.of(URL))
            .credentials(new Credentials.Basic("me", "pass"))
            .autoRegister(false)
            .serde(
                new SerdeClasses(
                    OtherSerializer.class.getName(),
                    OtherDeserializer.class.getName(),
                    Map.of("mark", "M", "specific.avro.reader", "maybe")))
            .build();

    try (var serdes = RecordSerdes.from(settings)) {
      var serde = serdes.forRecord(Beat.class);

      assertArrayEquals(
          "M http://127.0.0.1:1 false maybe me:pass".getBytes(StandardCharsets.UTF_8),
          serde.serializer().serialize("t", new Beat()));
      assertEquals("read", serde.deserializer().deserialize("t", new byte[0]).getProcess());
    }
  }

  @Test
  void saysWhichClassCannotBeUsed() {
    var missing =
        SchemaRegistrySettings.builder(List.of(URL)).registryClass("no.such.Registry").build();
    var wrong =
        SchemaRegistrySettings.builder(List.of(URL)).registryClass("java.lang.String").build();

    assertTrue(refusal(missing).contains("no.such.Registry"));
    assertTrue(refusal(wrong).contains("java.lang.String"));
  }

  @Test
  void showsNoSecretInItsSettings() {
    var settings =
        SchemaRegistrySettings.builder(List.of(URL))
            .credentials(new Credentials.Basic("me", "hidden1"))
            .serde(new SerdeClasses("a", "b", Map.of("x", "hidden2")))
            .build();

    assertTrue(!settings.toString().contains("hidden"), settings.toString());
  }

  private static String refusal(SchemaRegistrySettings settings) {
    return assertThrows(IllegalArgumentException.class, () -> RecordSerdes.from(settings))
        .getMessage();
  }

  /// A client of someone else.
  public static final class OtherRegistry implements SchemaRegistry {
    final SchemaRegistrySettings settings;

    public OtherRegistry(SchemaRegistrySettings settings) {
      this.settings = settings;
    }

    @Override
    public int register(String subject, Schema schema) {
      return 1;
    }

    @Override
    public Schema byId(int id) {
      return Beat.getClassSchema();
    }
  }

  /// Writes the properties it was given.
  public static final class OtherSerializer implements Serializer<Beat> {
    private String text = "";

    @Override
    public void configure(Map<String, ?> properties, boolean isKey) {
      text =
          "%s %s %s %s %s"
              .formatted(
                  properties.get("mark"),
                  properties.get("schema.registry.url"),
                  properties.get("auto.register.schemas"),
                  properties.get("specific.avro.reader"),
                  properties.get("basic.auth.user.info"));
    }

    @Override
    public byte[] serialize(String topic, Beat record) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
  }

  /// Reads the same record from everything.
  public static final class OtherDeserializer implements Deserializer<Beat> {
    @Override
    public Beat deserialize(String topic, byte[] bytes) {
      return Beat.newBuilder().setProcess("read").build();
    }
  }
}
