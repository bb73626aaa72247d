package dev.sluice.runtime.config;

import dev.sluice.runtime.config.ServerConfig.Callbacks;
import dev.sluice.runtime.config.ServerConfig.Limits;
import dev.sluice.runtime.config.ServerConfig.Partitions;
import dev.sluice.runtime.config.ServerConfig.Retention;
import dev.sluice.runtime.config.ServerConfig.Timeouts;
import dev.sluice.runtime.config.ServerConfig.TopicSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Makes the record of `server` out of its values and checks what concerns several of them. For one
/// thread.
final class ServerBinder {
  private static final String KAFKA = "kafka.";
  private static final String BOOTSTRAP = "kafka.bootstrap_servers";

  private final Settings flat;
  private final SecretCheck secrets;
  private final Problems problems;

  ServerBinder(Settings flat, SecretCheck secrets, Problems problems) {
    this.flat = flat;
    this.secrets = secrets;
    this.problems = problems;
  }

  ServerConfig bind() {
    ServerConfig standard = ServerConfig.DEFAULT;
    var config =
        new ServerConfig(
            flat.text("host").orElse(standard.host()),
            flat.whole("port").orElse(standard.port()),
            flat.text("admin_host").orElse(standard.adminHost()),
            flat.whole("admin_port").orElse(standard.adminPort()),
            flat.whole("kafka_port").orElse(standard.kafkaPort()),
            flat.url("public_url"),
            flat.text("data").map(Path::of).orElse(standard.data()),
            kafka(),
            new RegistryBinder(flat, secrets, problems).bind(),
            topics(),
            limits(),
            timeouts(),
            retention(),
            new Callbacks(
                flat.list("callbacks.allow").stream().map(Entry::text).toList(),
                flat.entry("callbacks.secret_key").map(secrets::ofServer)),
            new BlobsBinder(flat, secrets, problems).bind());
    checkPorts(config);
    return config;
  }

  private KafkaSettings kafka() {
    var properties = new LinkedHashMap<String, String>();
    for (Map.Entry<String, Entry> written : flat.entries().entrySet()) {
      if (!written.getKey().startsWith(KAFKA) || written.getKey().equals(BOOTSTRAP)) {
        continue;
      }
      String name = written.getKey().substring(KAFKA.length());
      Entry entry = written.getValue();
      Optional<String> complaint = ClientProperties.complaint(name, entry.text());
      if (complaint.isPresent()) {
        problems.add(entry.where(), entry.path(), complaint.get());
      } else {
        properties.put(name, secrets.ofServer(entry).value());
      }
    }
    return new KafkaSettings(
        flat.text(BOOTSTRAP).orElse(ServerConfig.DEFAULT.kafka().bootstrapServers()), properties);
  }

  private TopicSettings topics() {
    Partitions standard = Partitions.DEFAULT;
    return new TopicSettings(
        new Partitions(
            flat.whole("topics.partitions.router").orElse(standard.router()),
            flat.whole("topics.partitions.reply").orElse(standard.reply()),
            flat.whole("topics.partitions.metering").orElse(standard.metering())),
        flat.entry("topics.replication_factor").map(Entry::whole));
  }

  private Limits limits() {
    Limits standard = Limits.DEFAULT;
    return new Limits(
        flat.whole("limits.body_bytes").orElse(standard.bodyBytes()),
        flat.whole("limits.header_bytes").orElse(standard.headerBytes()),
        flat.whole("limits.connections").orElse(standard.connections()),
        flat.whole("limits.file_bytes").orElse(Math.toIntExact(standard.fileBytes())));
  }

  private Timeouts timeouts() {
    Timeouts standard = Timeouts.DEFAULT;
    return new Timeouts(
        flat.span("timeouts.call").orElse(standard.call()),
        flat.span("timeouts.admission").orElse(standard.admission()),
        flat.span("timeouts.abandoned").orElse(standard.abandoned()),
        flat.span("timeouts.drain").orElse(standard.drain()));
  }

  private Retention retention() {
    Duration results = flat.span("retention.results").orElse(Retention.DEFAULT.results());
    Optional<Entry> asked = flat.entry("retention.idempotency");
    Duration idempotency =
        flat.span("retention.idempotency").orElse(Retention.DEFAULT.idempotency());
    if (idempotency.compareTo(results) <= 0) {
      return new Retention(results, idempotency);
    }
    asked.ifPresent(entry ->
        problems.add(
            entry.where(),
            entry.path(),
            "is longer than retention.results, which is "
                + results
                + "; a repeat would find no result"));
    return new Retention(results, results);
  }

  private void checkPorts(ServerConfig config) {
    Optional<Entry> one = flat.entry("port").or(() -> flat.entry("admin_port"));
    if (config.port() != 0 && config.port() == config.adminPort() && one.isPresent()) {
      problems.add(
          one.get().where(),
          one.get().path(),
          "port and admin_port are both " + config.port() + "; give them different ones");
    }
  }
}
