package dev.sluice.deploy.cli;

import dev.sluice.contract.serde.ConfluentSchemaRegistry;
import dev.sluice.contract.serde.PortableSchema;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.serde.SchemaRegistryException;
import dev.sluice.contract.serde.SchemaRegistrySettings;
import dev.sluice.contract.serde.SchemaRegistrySettings.Credentials;
import dev.sluice.contract.topic.Topics;
import java.net.URI;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.avro.Schema;

/// Whether a schema registry answers, and holds the schemas of Sluice's topics or would take them.
/// It only asks: nothing is registered.
///
/// @param name what it is called, with its address
/// @param whenUseless what to do when it does not answer as a registry does
/// @param whenRefused what to do when it does not let us in
record RegistryCheck(
    SchemaRegistrySettings settings, String name, String whenUseless, String whenRefused) {

  /// The one that a configuration names.
  static RegistryCheck configured(SchemaRegistrySettings settings) {
    String urls = settings.urls().stream().map(URI::toString).collect(Collectors.joining(", "));
    return new RegistryCheck(
        settings,
        "the schema registry "
            + settings.registryClass().map("through "::concat).orElse("at " + urls),
        "start it, or correct server.registry.urls in the file of -c",
        "correct server.registry.user and password, or token, in the file of -c");
  }

  /// Sluice's own, on an admin port.
  static RegistryCheck builtIn(URI admin, String key) {
    return new RegistryCheck(
        SchemaRegistrySettings.builder(List.of(admin))
            .credentials(new Credentials.Bearer(key))
            .attempts(1)
            .build(),
        "the built-in schema registry at " + admin,
        "start sluice up, or give -c FILE where server.registry names another one",
        "give --key with the scope admin");
  }

  /// @param topics names, of which those of other programs do not count
  Finding of(Collection<String> topics) {
    try {
      return settings.registryClass().isPresent() ? made() : asked(topics);
    } catch (SchemaRegistryException e) {
      return failed(e);
    } catch (IllegalArgumentException e) {
      return new Finding.Bad(
          name + " cannot be used: " + e.getMessage(), "correct server.registry in the file of -c");
    }
  }

  /// A client that is not ours can only register, so it is not asked.
  private Finding made() {
    try (RecordSerdes _ = RecordSerdes.from(settings)) {
      return new Finding.Good(name + " has a client that can be made");
    }
  }

  private Finding asked(Collection<String> topics) {
    List<String> missing;
    try (ConfluentSchemaRegistry registry = new ConfluentSchemaRegistry(settings)) {
      missing = topics.stream().filter(topic -> misses(registry, topic)).toList();
    }
    if (missing.isEmpty()) {
      return new Finding.Good(name + " has the schema of every topic, or takes it");
    }
    String subjects =
        missing.stream().map(RegistryCheck::subject).collect(Collectors.joining(", "));
    return settings.autoRegister()
        ? new Finding.Bad(
            name + " does not take this version's schema of " + subjects,
            "another program has registered something else there: delete that, or name a registry"
                + " without it")
        : new Finding.Bad(
            name + " lacks this version's schema of " + subjects,
            "register it (schemas/avro), or set server.registry.auto_register: true");
  }

  private boolean misses(ConfluentSchemaRegistry registry, String topic) {
    return schema(topic).filter(schema -> misses(registry, subject(topic), schema)).isPresent();
  }

  private boolean misses(ConfluentSchemaRegistry registry, String subject, Schema schema) {
    try {
      registry.lookup(subject, schema);
      return false;
    } catch (SchemaRegistryException e) {
      return switch (e.errorCode()) {
        case SchemaRegistryException.SUBJECT_NOT_FOUND -> !settings.autoRegister();
        case SchemaRegistryException.SCHEMA_NOT_FOUND ->
            !settings.autoRegister() || !registry.compatibility(subject, schema).compatible();
        default -> throw e;
      };
    }
  }

  /// What a topic's values are registered as; empty where nothing is.
  private static Optional<Schema> schema(String topic) {
    return topic.equals(Topics.SCHEMAS.name())
        ? Optional.empty()
        : Topics.documented().stream()
            .filter(known -> known.covers(topic))
            .findFirst()
            .map(known -> PortableSchema.of(known.schema()));
  }

  private static String subject(String topic) {
    return topic + "-value";
  }

  private Finding failed(SchemaRegistryException failure) {
    String cause = failure.getCause() == null ? "" : " (" + failure.getCause() + ")";
    return switch (failure.httpStatus()) {
      case 401, 403 -> new Finding.Bad(name + " refuses us: " + failure.getMessage(), whenRefused);
      default ->
          new Finding.Bad(name + " cannot be used: " + failure.getMessage() + cause, whenUseless);
    };
  }
}
