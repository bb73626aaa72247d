package dev.sluice.deploy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.serde.ConfluentSchemaRegistry;
import dev.sluice.contract.serde.SchemaRegistrySettings;
import dev.sluice.contract.serde.SchemaRegistrySettings.Credentials;
import dev.sluice.contract.topic.Topics;
import dev.sluice.deploy.AllInOne;
import dev.sluice.deploy.BrokerExtension;
import dev.sluice.deploy.InThisJvm;
import dev.sluice.deploy.WholeSluice;
import dev.sluice.runtime.http.AdminEndpoint;
import dev.sluice.runtime.registry.LogSchemaRegistry;
import dev.sluice.runtime.registry.RegistryHandler;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// `sluice doctor` beside a whole Sluice whose schemas are in another registry, one that asks for a
/// token.
@InThisJvm
class DoctorIT {
  private static final String TOKEN = "registry-token";
  private static final String KEY = "sk-doctor";
  private static final String UNWRITTEN = Topics.AUDIT.name() + "-value";
  private static final String POLICY =
      """
      tenants:
        - id: acme
          keys: [{id: k, secret: "${env:KEY}"}]
      pools:
        - {id: sim, provider: simulated, concurrency: 4}
      models:
        - {id: m, routes: [{pool: sim, model: m}]}
      """;

  /// Under the other registry.
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.fresh();

  @TempDir private static Path folder;

  private static LogSchemaRegistry schemas;
  private static AdminEndpoint registry;
  private static AllInOne sluice;
  private static AllInOne.Ready ready;

  @BeforeAll
  static void begin() throws IOException {
    schemas = LogSchemaRegistry.open(BROKER.clients());
    registry =
        new AdminEndpoint(
                "0.0.0.0",
                0,
                () -> List.of(),
                () -> "",
                new RegistryHandler(schemas).mounts(),
                TOKEN::equals)
            .start();
    sluice = WholeSluice.in(folder, registryOf(url(), TOKEN, "") + POLICY, Map.of("KEY", KEY));
    ready = sluice.start();
  }

  @AfterAll
  static void end() {
    sluice.close();
    registry.close();
    schemas.close();
  }

  @Test
  void isContentWithARegistryThatTheFileNames() throws IOException {
    CommandRun run = doctor(registryOf(url(), TOKEN, ""));

    assertEquals(0, run.code(), run.out());
    assertEquals(6, run.lines().size(), run.out());
    assertTrue(
        run.out().contains("ok    the schema registry at " + url() + " has the schema"), run.out());
  }

  @Test
  void asksForTheFileWhereTheAdminPortHasNoRegistry() {
    assertFault(
        run(),
        "the built-in schema registry at http://" + ready.admin() + " cannot be used",
        "or give -c FILE where server.registry names another one");
  }

  @Test
  void saysThatARegistryDoesNotAnswer() throws IOException {
    assertFault(
        doctor(registryOf("http://127.0.0.1:1", TOKEN, ", attempts: 1")),
        "the schema registry at http://127.0.0.1:1 cannot be used: cannot reach",
        "start it, or correct server.registry.urls");
  }

  @Test
  void asksTheRegistryAlsoWhereKafkaHasNoTopicYet() {
    CommandRun run =
        CommandRun.of(
            "doctor",
            "--kafka=" + BROKER.bootstrapServers(),
            "--admin=http://127.0.0.1:1",
            "--url=http://127.0.0.1:1");

    assertEquals(3, run.code(), run.out());
    assertTrue(run.out().contains(" lacks sluice."), run.out());
    assertTrue(run.out().contains("http://127.0.0.1:1 cannot be used"), run.out());
  }

  @Test
  void saysThatARegistryRefusesIt() throws IOException {
    assertFault(
        doctor(registryOf(url(), "wrong", "")),
        "the schema registry at " + url() + " refuses us",
        "correct server.registry.user and password, or token");
  }

  @Test
  void namesSchemasThatNobodyRegistered() throws IOException {
    assertFault(
        doctor(registryOf(url(), TOKEN, ", auto_register: false")), UNWRITTEN, "register it");
  }

  @Test
  void namesSchemasThatARegistryWouldNotTake() throws IOException {
    var settings =
        SchemaRegistrySettings.builder(List.of(URI.create(url())))
            .credentials(new Credentials.Bearer(TOKEN))
            .build();
    try (var client = new ConfluentSchemaRegistry(settings)) {
      client.register(UNWRITTEN, SchemaBuilder.record("A").fields().requiredLong("n").endRecord());

      assertFault(
          doctor(registryOf(url(), TOKEN, "")),
          "does not take this version's schema of " + UNWRITTEN,
          "another program has registered something else");

      client.deleteSubject(UNWRITTEN);
    }
  }

  @Test
  void usesTheSettingsOfKafkaInTheFile() throws IOException {
    assertFault(
        doctor(
            registryOf(url(), TOKEN, "")
                + """
                  kafka:
                    security.protocol: SASL_PLAINTEXT
                    sasl.mechanism: PLAIN
                    sasl.jaas.config: >-
                      org.apache.kafka.common.security.plain.PlainLoginModule required
                      username="sluice" password="${file:%s}";
                """
                    .formatted(folder.resolve(TOKEN))),
        "Kafka at " + ready.kafka() + " refuses us",
        "correct server.kafka in the file");
  }

  /// Just this is wrong, and what to do stands below it.
  private static void assertFault(CommandRun run, String what, String remedy) {
    assertEquals(3, run.code(), run.out() + run.err());
    List<String> faults = run.lines().stream().filter(line -> !line.startsWith("ok")).toList();
    assertEquals(2, faults.size(), run.out());
    assertTrue(faults.get(0).startsWith("FAIL  ") && faults.get(0).contains(what), run.out());
    assertTrue(faults.get(1).contains(remedy), run.out());
  }

  private static String url() {
    return "http://127.0.0.1:" + registry.port();
  }

  private static String registryOf(String url, String token, String more) throws IOException {
    Path secret = Files.writeString(folder.resolve(token), token);
    return """
    server:
      registry: {urls: ["%s"], token: "${file:%s}"%s}
    """
        .formatted(url, secret, more);
  }

  private static CommandRun doctor(String configuration) throws IOException {
    return run("-c", Files.writeString(folder.resolve("doctor.yaml"), configuration).toString());
  }

  private static CommandRun run(String... more) {
    List<String> arguments = new ArrayList<>(List.of("doctor", "--key", KEY));
    arguments.addAll(List.of("--url", "http://" + ready.http(), "--kafka", ready.kafka()));
    arguments.addAll(List.of("--admin", "http://" + ready.admin(), "--data", folder.toString()));
    arguments.addAll(List.of(more));
    return CommandRun.of(arguments.toArray(String[]::new));
  }
}
