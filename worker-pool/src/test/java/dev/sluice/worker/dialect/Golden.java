package dev.sluice.worker.dialect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.worker.core.Endpoint;
import dev.sluice.worker.wire.JsonText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// The files of the golden matrix. What a vendor says is in `<case>.json` and, as one event a line,
/// in `<case>.stream`; what is made of it is in `<case>.<dialect>.json` and `.stream`. Run with
/// `-Dsluice.golden.write=true` to write what is made, and read the difference before it goes in.
final class Golden {
  private static final boolean WRITE = Boolean.getBoolean("sluice.golden.write");
  private static final Path ROOT = Path.of("src/test/resources/golden");
  private static final JsonMapper PRETTY =
      JsonText.MAPPER.rebuild().enable(SerializationFeature.INDENT_OUTPUT).build();

  private Golden() {}

  /// Cases of one kind: `requests` or `answers`.
  static List<String> cases(String kind, Endpoint dialect) throws IOException {
    try (Stream<Path> files = Files.list(folder(kind, dialect))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches("[a-z-]+\\.json"))
          .map(name -> name.substring(0, name.length() - ".json".length()))
          .sorted()
          .toList();
    }
  }

  static JsonNode json(String kind, Endpoint dialect, String name) throws IOException {
    return JsonText.MAPPER.readTree(
        Files.readString(folder(kind, dialect).resolve(name + ".json")));
  }

  static List<JsonNode> events(Endpoint dialect, String name) throws IOException {
    return Files.readAllLines(folder("answers", dialect).resolve(name + ".stream")).stream()
        .map(JsonText.MAPPER::readTree)
        .toList();
  }

  /// Compares with the file of a case, or writes it.
  static void check(String kind, Endpoint from, String name, Endpoint to, JsonNode made)
      throws IOException {
    Path file = folder(kind, from).resolve(name + "." + to.spoken() + ".json");
    check(file, PRETTY.writeValueAsString(made) + "\n");
  }

  static void checkEvents(Endpoint from, String name, Endpoint to, List<? extends JsonNode> made)
      throws IOException {
    Path file = folder("answers", from).resolve(name + "." + to.spoken() + ".stream");
    check(file, made.stream().map(event -> event + "\n").collect(Collectors.joining()));
  }

  private static void check(Path file, String made) throws IOException {
    if (WRITE) {
      Files.writeString(file, made);
    }
    assertTrue(
        Files.exists(file), () -> file + " is missing: -Dsluice.golden.write=true writes it");
    assertEquals(Files.readString(file), made, () -> file.toString());
  }

  private static Path folder(String kind, Endpoint dialect) {
    return ROOT.resolve(kind).resolve(dialect.spoken());
  }
}
