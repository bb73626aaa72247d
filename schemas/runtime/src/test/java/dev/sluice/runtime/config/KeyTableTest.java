package dev.sluice.runtime.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.runtime.config.ConfigInput.Demand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Keeps the key tables, the defaults of the records, the documentation and the JSON Schema in
/// step. `mvn -Dsluice.docs.write=true -pl schemas/runtime -am test` writes the latter two.
class KeyTableTest {
  private static final Path DOCS = Path.of("../../docs");
  private static final boolean WRITE = Boolean.getBoolean("sluice.docs.write");

  @TempDir Path folder;

  @Test
  void documentsEveryKeyAsTheTablesHaveIt() throws IOException {
    Path file = DOCS.resolve("configuration.md");
    String text = Files.readString(file);
    int begin = text.indexOf(ConfigurationDocument.BEGIN) + ConfigurationDocument.BEGIN.length();
    int end = text.indexOf(ConfigurationDocument.END);
    if (WRITE) {
      Files.writeString(
          file, text.substring(0, begin) + ConfigurationDocument.tables() + text.substring(end));
    }

    String written = Files.readString(file);

    assertTrue(
        written.contains(
            ConfigurationDocument.BEGIN
                + ConfigurationDocument.tables()
                + ConfigurationDocument.END),
        "docs/configuration.md is behind the key tables; run with -Dsluice.docs.write=true");
  }

  @Test
  void publishesTheJsonSchemaOfTheTables() throws IOException {
    Path file = DOCS.resolve("sluice.schema.json");
    if (WRITE) {
      Files.writeString(file, ConfigurationSchema.text());
    }

    assertEquals(
        ConfigurationSchema.text(),
        Files.readString(file),
        "docs/sluice.schema.json is behind the key tables; run with -Dsluice.docs.write=true");
  }

  @Test
  void describesEveryKeyInASentence() {
    for (Key key : allKeys(PolicyKeys.ROOT).toList()) {
      assertTrue(key.meaning().matches("[A-Z`].*\\."), key.name() + ": " + key.meaning());
    }
  }

  @Test
  void givesEveryKeyADefaultOrMakesItRequired() {
    for (Key key : allKeys(PolicyKeys.ROOT).toList()) {
      boolean leaf = key.shape() instanceof Shape.Scalar || key.shape() instanceof Shape.Many;
      boolean alone =
          List.of(
                  "user",
                  "password",
                  "token",
                  "certificate",
                  "key",
                  "base_url",
                  "endpoints",
                  "bucket",
                  "usd",
                  "tokens",
                  "requests",
                  "gpu_seconds",
                  "period",
                  "rolling",
                  "downgrade_to")
              .contains(key.name());
      assertTrue(
          !leaf || alone || key.required() || !key.fallback().isEmpty(),
          key.name() + " has no default");
    }
  }

  @Test
  void namesNoVariableTwice() {
    var names = new HashSet<String>();
    for (String path : ServerKeys.leaves().keySet()) {
      assertTrue(names.add(ServerKeys.variable(path)), path);
    }
    assertTrue(names.containsAll(List.of("SLUICE_PORT", "SLUICE_CALLBACK_ALLOW")));
  }

  @Test
  void appliesTheDocumentedDefaultsOfTheServer() throws IOException {
    String registry = "registry: {urls: [\"http://registry:8081\"]";
    String bucket = "s3: {bucket: files";
    String all =
        "server: "
            + written(ServerKeys.SECTION, true)
                .replace("registry: {", registry + ", ")
                .replace("s3: {", bucket + ", ");
    String least = "server: {" + registry + "}, blobs: {" + bucket + "}}}";

    assertEquals(ServerConfig.DEFAULT, load("{}").server());
    assertEquals(load(least).server(), load(all).server(), all);
  }

  @Test
  void appliesTheDocumentedDefaultsOfThePolicy() throws IOException {
    String least = policy(false);
    String all = policy(true);

    assertFalse(least.contains("scopes"), least);
    assertTrue(all.contains("scopes"), all);
    assertEquals(load(least).policy(), load(all).policy(), all);
  }

  static Stream<String> serverPaths() {
    return ServerKeys.leaves().keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("serverPaths")
  void overridesEveryValueOfTheServerByItsVariable(String path) {
    Key key = ServerKeys.leaves().get(path);
    String variable = ServerKeys.variable(path);
    var problems = new Problems();

    var settings =
        ServerSettings.of(
            Settings.empty(Where.named("test")),
            new ConfigInput(
                Optional.empty(),
                Map.of(variable, sample(key)),
                Map.of(),
                SecretSource.of(Map.of()),
                Demand.NONE),
            problems);

    assertEquals(List.of(), problems.errors());
    assertTrue(
        settings.effective().stream()
            .anyMatch(
                value -> value.path().equals("server." + path) && value.origin().equals(variable)));
  }

  private static String sample(Key key) {
    Shape shape = key.shape() instanceof Shape.Many(Shape element, _) ? element : key.shape();
    return switch (shape) {
      case Shape.Whole(long min, _) -> Long.toString(min);
      case Shape.Span(var min, _) -> min.toString();
      case Shape.Flag _ -> "false";
      case Shape.Url _ -> "https://example.org";
      case Shape.Network _ -> "10.0.0.0/8";
      default -> "host:1";
    };
  }

  /// The policy part with one element in each list: with required keys only, or with every default
  /// written out.
  private static String policy(boolean defaults) {
    return "tenants: ["
        + written(TenantKeys.TENANT, defaults)
            .replace("{id: ", "{keys: [" + written(TenantKeys.KEY, defaults) + "], id: ")
        + "]\npools: ["
        + written(PoolKeys.POOL, defaults)
        + "]\nmodels: ["
        + written(ModelKeys.MODEL_PLAN, defaults)
        + "]\nprices: ["
        + written(PolicyKeys.PRICE, defaults).replaceFirst("}$", ", input: 1}")
        + "]\n";
  }

  private static String written(Shape shape, boolean defaults) {
    return switch (shape) {
      case Shape.Section(List<Key> keys, _) -> written(keys, defaults);
      case Shape.Open(List<Key> keys) -> written(keys, defaults);
      case Shape.Many(Shape element, _) -> "[" + written(element, defaults) + "]";
      case Shape.Scalar _ -> "x";
    };
  }

  private static String written(List<Key> keys, boolean defaults) {
    return keys.stream()
        .filter(key -> key.required() || defaults && isWritable(key))
        .map(key -> key.name() + ": " + value(key, defaults))
        .collect(Collectors.joining(", ", "{", "}"));
  }

  private static boolean isWritable(Key key) {
    return Literals.isLiteral(key)
        || key.shape() instanceof Shape.Section(List<Key> inner, _)
            && inner.stream().anyMatch(KeyTableTest::isWritable)
        || key.shape() instanceof Shape.Open(List<Key> own) && !own.isEmpty();
  }

  private static String value(Key key, boolean defaults) {
    if (Literals.isLiteral(key)) {
      return key.shape() instanceof Shape.Text ? "\"" + key.fallback() + "\"" : key.fallback();
    }
    return switch (key.name()) {
      case "secret" -> "\"${env:A}\"";
      case "provider" -> "simulated";
      case "from" -> "2026-01-01";
      default -> written(key.shape(), defaults);
    };
  }

  private static Stream<Key> allKeys(Shape shape) {
    List<Key> keys =
        switch (shape) {
          case Shape.Section(List<Key> inner, _) -> inner;
          case Shape.Open(List<Key> inner) -> inner;
          case Shape.Many(Shape.Section(List<Key> inner, _), _) -> inner;
          case Shape.Many _, Shape.Scalar _ -> List.of();
        };
    return keys.stream().flatMap(key -> Stream.concat(Stream.of(key), allKeys(key.shape())));
  }

  private Configuration load(String yaml) throws IOException {
    return LoadedFile.good(folder, yaml, Map.of());
  }
}
