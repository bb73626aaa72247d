package dev.sluice.contract.serde;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.topic.Topic;
import dev.sluice.contract.topic.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Today's schemas against every released one. [SchemaRelease] adds those of a release.
class ReleasedSchemasTest {
  static final Path RELEASED = Path.of("src/test/resources/released");

  static Stream<Schema> valueSchemas() {
    return Topics.documented().stream().map(Topic::schema).distinct().map(PortableSchema::of);
  }

  static Stream<Path> released() throws IOException {
    try (Stream<Path> files = Files.walk(RELEASED)) {
      return files.filter(file -> file.toString().endsWith(".avsc")).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("released")
  void evolvesAReleasedSchemaWithoutBreakingOldReadersOrNewOnes(Path file) throws IOException {
    Schema older = new Schema.Parser().parse(Files.readString(file));
    Schema today =
        valueSchemas()
            .filter(schema -> schema.getFullName().equals(older.getFullName()))
            .findFirst()
            .orElse(null);

    assertNotNull(today, "a topic's schema was renamed or removed");
    assertEquals(
        List.of(),
        SchemaEvolution.violations(CompatibilityLevel.FULL_TRANSITIVE, today, List.of(older)));
  }

  @ParameterizedTest
  @MethodSource("valueSchemas")
  void standsAloneAndReadsItself(Schema schema) {
    Schema alone = new Schema.Parser().parse(schema.toString());

    assertEquals(schema, alone);
    assertEquals(
        List.of(),
        SchemaEvolution.violations(CompatibilityLevel.FULL_TRANSITIVE, alone, List.of(schema)));
  }

  /// Without a default symbol an enum can never grow.
  @ParameterizedTest
  @MethodSource("valueSchemas")
  void givesEveryEnumADefaultSymbol(Schema schema) {
    for (Schema named : namedTypes(schema)) {
      if (named.getType() == Schema.Type.ENUM) {
        assertNotNull(named.getEnumDefault(), named.getFullName());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("valueSchemas")
  void saysWhatEachRecordIs(Schema schema) {
    for (Schema named : namedTypes(schema)) {
      assertNotNull(named.getDoc(), named.getFullName());
      assertEquals("dev.sluice.contract.avro", named.getNamespace());
    }
  }

  @Test
  void hasARelease() throws IOException {
    assertTrue(released().findAny().isPresent());
  }

  private static Set<Schema> namedTypes(Schema root) {
    Set<Schema> named = new HashSet<>();
    Deque<Schema> open = new ArrayDeque<>(List.of(root));
    while (!open.isEmpty()) {
      Schema schema = open.pop();
      switch (schema.getType()) {
        case RECORD -> {
          if (named.add(schema)) {
            schema.getFields().forEach(field -> open.push(field.schema()));
          }
        }
        case ENUM, FIXED -> named.add(schema);
        case UNION -> schema.getTypes().forEach(open::push);
        case ARRAY -> open.push(schema.getElementType());
        case MAP -> open.push(schema.getValueType());
        default -> {}
      }
    }
    return named;
  }
}
