package dev.sluice.runtime.config;

import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/// What may stand among the raw properties of someone else's client. Pure.
final class ClientProperties {
  private static final Pattern SENSITIVE =
      Pattern.compile(
          "(?i).*(password|secret|token|jaas|credential|keystore\\.key$|user\\.info|api\\.?key).*");
  private static final Pattern LITERAL_IN_JAAS =
      Pattern.compile("(?i)(password|secret)\\w*\\s*=\\s*[\"']?(?!\\$\\{)[^\\s\"';]+");

  /// Sluice's exactness rests on these; each service sets its own.
  private static final Set<String> OURS =
      Set.of(
          "acks",
          "allow.auto.create.topics",
          "application.id",
          "auto.offset.reset",
          "client.id",
          "enable.auto.commit",
          "enable.idempotence",
          "group.id",
          "group.instance.id",
          "group.protocol",
          "isolation.level",
          "key.deserializer",
          "key.serializer",
          "partitioner.class",
          "processing.guarantee",
          "share.acknowledgement.mode",
          "transactional.id",
          "value.deserializer",
          "value.serializer");

  private static final Set<String> KNOWN = known();

  private ClientProperties() {}

  private static Set<String> known() {
    var names = new TreeSet<>(ProducerConfig.configNames());
    names.addAll(ConsumerConfig.configNames());
    names.addAll(AdminClientConfig.configNames());
    return names;
  }

  /// Whether a property of that name holds a secret.
  static boolean isSensitive(String name) {
    return SENSITIVE.matcher(name).matches()
        && !name.endsWith(".location")
        && !name.endsWith(".file")
        && !name.endsWith(".url")
        && !name.endsWith(".class");
  }

  /// What is wrong with a property of `server.kafka`.
  static Optional<String> complaint(String name, String value) {
    if (name.equals("bootstrap.servers")) {
      return Optional.of("write it as bootstrap_servers");
    }
    if (OURS.contains(name)) {
      return Optional.of("Sluice sets this itself, for it rests on it; remove it");
    }
    Optional<String> near = KNOWN.contains(name) ? Optional.empty() : NearMiss.of(name, KNOWN);
    return near.map(known -> "no property of Kafka's clients; did you mean \"" + known + "\"?")
        .or(() -> literalSecret(name, value));
  }

  /// What is wrong with a value, when it holds a secret that it should refer to.
  static Optional<String> literalSecret(String name, String value) {
    boolean literal =
        name.contains("jaas")
            ? LITERAL_IN_JAAS.matcher(value).find()
            : isSensitive(name) && !SecretSource.isReference(value);
    return literal
        ? Optional.of(
            "a secret must not stand in the file; write ${env:NAME} or ${file:/path} in its place")
        : Optional.empty();
  }
}
