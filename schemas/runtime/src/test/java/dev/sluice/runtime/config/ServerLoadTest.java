package dev.sluice.runtime.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.serde.SchemaRegistrySettings;
import dev.sluice.contract.serde.SchemaRegistrySettings.Credentials;
import dev.sluice.contract.serde.SchemaRegistrySettings.SerdeClasses;
import dev.sluice.contract.serde.SchemaRegistrySettings.Tls;
import dev.sluice.contract.topic.Topic;
import dev.sluice.runtime.config.ConfigInput.Demand;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerLoadTest {
  @TempDir Path folder;

  @Test
  void takesTheDefaultsWithoutAFile() {
    assertEquals(ServerConfig.DEFAULT, loaded(input("", Map.of(), Map.of())).server());
  }

  @Test
  void readsEveryValue() throws IOException {
    String yaml =
        """
        server:
          host: 0.0.0.0
          port: 80
          admin_host: "::"
          admin_port: 81
          kafka_port: 82
          public_url: https://ai.example.com/
          data: /var/lib/sluice
          topics:
            partitions: {router: 2, reply: 3, metering: 4}
            replication_factor: 3
          limits: {body_bytes: 2048, header_bytes: 4096, connections: 5, file_bytes: 6000}
          timeouts: {call: PT1M, admission: PT2S, abandoned: PT3S, drain: PT4S}
          retention: {results: P2D}
          callbacks: {allow: [10.0.0.0/8, "fd00::/8"]}
          blobs: {folder: /mnt/blobs}
        """;

    ServerConfig server = LoadedFile.good(folder, yaml, Map.of()).server();

    assertEquals("0.0.0.0", server.host());
    assertEquals(
        List.of(80, 81, 82), List.of(server.port(), server.adminPort(), server.kafkaPort()));
    assertEquals("::", server.adminHost());
    assertEquals(Optional.of(URI.create("https://ai.example.com")), server.publicUrl());
    assertEquals(Path.of("/var/lib/sluice"), server.data());
    assertEquals(3, server.topics().partitions().of(Topic.Partitions.REPLY));
    assertEquals(1, server.topics().partitions().of(Topic.Partitions.ONE));
    assertEquals(Optional.of(3), server.topics().replicationFactor());
    assertEquals(new ServerConfig.Limits(2048, 4096, 5, 6000), server.limits());
    assertEquals(Duration.ofSeconds(3), server.timeouts().abandoned());
    assertEquals(Duration.ofDays(2), server.retention().results());
    assertEquals(List.of("10.0.0.0/8", "fd00::/8"), server.callbacks().allow());
    assertEquals(Optional.of(Path.of("/mnt/blobs")), server.blobs().folder());
  }

  @Test
  void readsTheBucketOfBlobs() throws IOException {
    String yaml =
        """
        server:
          blobs:
            grace: P2D
            s3:
              bucket: sluice-files
              endpoint: http://minio:9000
              region: eu-west-1
              prefix: team/sluice
              path_style: true
              access_key_id: "${env:S3_ID}"
              secret_access_key: "${env:S3_SECRET}"
        """;

    ServerConfig.Blobs blobs =
        LoadedFile.good(folder, yaml, Map.of("S3_ID", "id", "S3_SECRET", "secret"))
            .server()
            .blobs();

    assertEquals(Duration.ofDays(2), blobs.grace());
    ServerConfig.Bucket bucket = blobs.s3().orElseThrow();
    assertEquals("sluice-files", bucket.name());
    assertEquals(Optional.of(URI.create("http://minio:9000")), bucket.endpoint());
    assertEquals("eu-west-1", bucket.region());
    assertEquals("team/sluice/", bucket.prefix());
    assertEquals(true, bucket.pathStyle());
    assertEquals("id", bucket.keys().orElseThrow().id().value());
  }

  @Test
  void letsTheOptionWinOverTheEnvironmentAndThatOverTheFile() throws IOException {
    String yaml = "server: {port: 1, admin_port: 2, kafka_port: 3}";
    var environment = Map.of("SLUICE_PORT", "11", "SLUICE_ADMIN_PORT", "12", "SLUICE_DATA", "");

    Configuration all = loaded(input(yaml, environment, Map.of("port", "21")));

    assertEquals(21, all.server().port());
    assertEquals(12, all.server().adminPort());
    assertEquals(3, all.server().kafkaPort());
    assertEquals("server.port = 21 (--port)", effective(all, "server.port"));
    assertEquals("server.admin_port = 12 (SLUICE_ADMIN_PORT)", effective(all, "server.admin_port"));
    assertEquals(
        "server.kafka_port = 3 (" + folder.resolve("sluice.yaml") + ":1:46)",
        effective(all, "server.kafka_port"));
    assertEquals("server.data = .sluice (default)", effective(all, "server.data"));
  }

  @Test
  void namesTheVariableOrOptionThatIsWrong() {
    var outcome =
        ConfigLoader.load(
            input("", Map.of("SLUICE_PORT", "tcp://10.0.0.1:8080"), Map.of("admin_port", "x")));

    assertEquals(
        List.of(
            "SLUICE_PORT: server.port: expected a whole number from 0 to 65535, found"
                + " \"tcp://10.0.0.1:8080\"; Kubernetes sets this for a service of that name: set"
                + " enableServiceLinks: false",
            "--admin-port: server.admin_port: expected a whole number from 0 to 65535, found"
                + " \"x\""),
        assertInstanceOf(ConfigOutcome.Rejected.class, outcome).problems().stream()
            .map(Problem::toString)
            .toList());
  }

  @Test
  void splitsAListOfTheEnvironmentAtCommas() {
    var environment = Map.of("SLUICE_CALLBACK_ALLOW", "127.0.0.0/8, 10.0.0.0/8,");

    ServerConfig server = loaded(input("", environment, Map.of())).server();

    assertEquals(List.of("127.0.0.0/8", "10.0.0.0/8"), server.callbacks().allow());
  }

  @Test
  void passesKafkaPropertiesOnWithTheirSecrets() throws IOException {
    String yaml =
        """
        server:
          kafka:
            bootstrap_servers: k1:9092, k2:9092
            security: {protocol: SASL_SSL}
            request.timeout.ms: 5000
            sasl.jaas.config: 'X required username="u" password="${env:P}";'
            ssl.truststore.password: "${env:P}"
            my.own.plugin.setting: on
        """;

    Configuration all = LoadedFile.good(folder, yaml, Map.of("P", "hunter2"));
    KafkaSettings kafka = all.server().kafka();

    assertEquals("k1:9092, k2:9092", kafka.toClientProperties().get("bootstrap.servers"));
    assertEquals(
        Map.of(
            "security.protocol", "SASL_SSL",
            "request.timeout.ms", "5000",
            "sasl.jaas.config", "X required username=\"u\" password=\"hunter2\";",
            "ssl.truststore.password", "hunter2",
            "my.own.plugin.setting", "on"),
        kafka.properties());
    assertFalse(all.toString().contains("hunter2"), all.toString());
    assertEquals("hunter2", kafka.toProperties().get("ssl.truststore.password"));
  }

  @Test
  void readsTheRegistry() throws IOException {
    String yaml =
        """
        server:
          registry:
            urls: [https://r1:8081, https://r2:8081]
            user: sluice
            password: "${env:P}"
            tls: {trusted: /ca.pem, certificate: /me.pem, key: /me.key}
            request_timeout: PT9S
            attempts: 7
            auto_register: false
            serializer_class: a.Serializer
            deserializer_class: a.Deserializer
            serde_properties: {avro.use.logical.type.converters: true}
        """;

    Configuration all = LoadedFile.good(folder, yaml, Map.of("P", "hunter2"));
    SchemaRegistrySettings registry = all.server().registry().orElseThrow();

    assertEquals(
        List.of(URI.create("https://r1:8081"), URI.create("https://r2:8081")), registry.urls());
    assertEquals(new Credentials.Basic("sluice", "hunter2"), registry.credentials());
    assertEquals(
        new Tls.Pem(
            Optional.of(Path.of("/ca.pem")),
            Optional.of(new Tls.PemIdentity(Path.of("/me.pem"), Path.of("/me.key")))),
        registry.tls());
    assertEquals(Duration.ofSeconds(9), registry.requestTimeout());
    assertEquals(7, registry.attempts());
    assertFalse(registry.autoRegister());
    assertEquals(
        Optional.of(
            new SerdeClasses(
                "a.Serializer",
                "a.Deserializer",
                Map.of("avro.use.logical.type.converters", "true"))),
        registry.serde());
    assertFalse(all.toString().contains("hunter2"), all.toString());
  }

  @Test
  void takesASecretOfTheServerFromItsVariable() {
    var environment =
        Map.of("SLUICE_REGISTRY_URLS", "http://r:8081", "SLUICE_REGISTRY_TOKEN", "hunter2");

    Configuration all = loaded(input("", environment, Map.of()));

    assertEquals(
        Optional.of(new Credentials.Bearer("hunter2")),
        all.server().registry().map(SchemaRegistrySettings::credentials));
    assertEquals(
        "server.registry.token = ${env:SLUICE_REGISTRY_TOKEN} (SLUICE_REGISTRY_TOKEN)",
        effective(all, "server.registry.token"));
    assertFalse(all.toString().contains("hunter2"), all.toString());
  }

  @Test
  void wantsTheSecretsOfAServiceButNotThoseOfThePolicy() throws IOException {
    String yaml =
        """
        server: {kafka: {ssl.key.password: "${env:ONE}"}}
        tenants: [{id: a, keys: [{id: k, secret: "${env:TWO}"}]}]
        """;
    String one =
        "1:36: server.kafka.ssl.key.password: environment variable ONE is not set; set it before"
            + " the start";
    String two =
        "2:42: tenants[0].keys[0].secret: environment variable TWO is not set; set it before the"
            + " start";

    assertEquals(List.of(), LoadedFile.problems(folder, yaml, Map.of(), Demand.NONE));
    assertEquals(List.of(one), LoadedFile.problems(folder, yaml, Map.of(), Demand.SERVER));
    assertEquals(List.of(one, two), LoadedFile.problems(folder, yaml, Map.of(), Demand.ALL));
    assertEquals(
        List.of(), LoadedFile.problems(folder, yaml, Map.of("ONE", "1", "TWO", "2"), Demand.ALL));
  }

  private ConfigInput input(
      String yaml, Map<String, String> environment, Map<String, String> options) {
    Optional<Path> file = Optional.empty();
    if (!yaml.isEmpty()) {
      file = Optional.of(folder.resolve("sluice.yaml"));
      try {
        Files.writeString(file.get(), yaml);
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
    return new ConfigInput(file, environment, options, SecretSource.of(environment), Demand.ALL);
  }

  private static Configuration loaded(ConfigInput input) {
    ConfigOutcome outcome = ConfigLoader.load(input);
    return assertInstanceOf(ConfigOutcome.Loaded.class, outcome, outcome.toString())
        .configuration();
  }

  private static String effective(Configuration all, String path) {
    var found = all.effective().stream().filter(value -> value.path().equals(path)).toList();
    assertTrue(found.size() == 1, path);
    return found.getFirst().toString();
  }
}
