package dev.sluice.runtime.registry;

import dev.sluice.contract.serde.CompatibilityLevel;
import dev.sluice.contract.serde.SchemaEvolution;
import dev.sluice.contract.serde.SchemaRegistry;
import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.runtime.registry.SchemaChanges.Change;
import dev.sluice.runtime.registry.SchemaChanges.Write;
import dev.sluice.runtime.registry.SchemaVersion.Visibility;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;

/// The built-in registry, for where no other is configured: a catalog in memory whose only truth is
/// a compacted topic. A change is answered once the log has it; after any crash the log is read
/// again, so an id that was given out never changes its meaning.
///
/// Safe for use by many threads. Reads take no lock; changes go one by one.
public final class LogSchemaRegistry implements SchemaRegistry {
  /// The contract of Sluice's topics, so the default for every subject.
  static final CompatibilityLevel DEFAULT_LEVEL = CompatibilityLevel.FULL_TRANSITIVE;

  private final SchemaChanges changes;
  private final ConcurrentHashMap<Integer, Schema> parsed = new ConcurrentHashMap<>();

  private LogSchemaRegistry(SchemaChanges changes) {
    this.changes = changes;
  }

  /// Reads the topic to its end, creating it if it is missing.
  public static LogSchemaRegistry open(KafkaClients kafka) {
    return open(new KafkaSchemaLog(kafka));
  }

  static LogSchemaRegistry open(SchemaLog log) {
    return new LogSchemaRegistry(SchemaChanges.open(log));
  }

  @Override
  public int register(String subject, Schema schema) {
    return register(subject, schema.toString()).id();
  }

  @Override
  public Schema byId(int id) {
    return parsed.computeIfAbsent(id, _ -> parse(text(id)));
  }

  /// What the registry knows now.
  SchemaCatalog catalog() {
    return changes.catalog();
  }

  String text(int id) {
    return catalog()
        .text(id)
        .or(() -> changes.newest().text(id))
        .orElseThrow(() -> RegistryRefusals.schemaNotFound(id));
  }

  /// The live version that holds a schema, registering it if there is none.
  SchemaVersion register(String subject, String text) {
    requireSubject(subject);
    Schema schema = parse(text);
    String canonical = schema.toString();
    Optional<SchemaVersion> known = find(catalog(), subject, canonical, false);
    return known.orElseGet(
        () -> changes.make(now -> registration(now, subject, schema, canonical)));
  }

  private Change<SchemaVersion> registration(
      SchemaCatalog now, String subject, Schema schema, String text) {
    Optional<SchemaVersion> known = find(now, subject, text, false);
    if (known.isPresent()) {
      return new Change<>(List.of(), known.get());
    }
    List<String> violations = violations(now, subject, schema, now.versions(subject, false));
    if (!violations.isEmpty()) {
      throw RegistryRefusals.incompatible(subject, violations);
    }
    var version =
        new SchemaVersion(
            subject,
            now.nextVersion(subject),
            now.idOf(text).orElseGet(() -> now.highestId() + 1),
            text,
            Visibility.LIVE);
    return new Change<>(List.of(Write.of(version)), version);
  }

  Optional<SchemaVersion> find(String subject, String text, boolean withDeleted) {
    return find(catalog(), subject, parse(text).toString(), withDeleted);
  }

  private static Optional<SchemaVersion> find(
      SchemaCatalog now, String subject, String canonical, boolean withDeleted) {
    return now.versions(subject, withDeleted).reversed().stream()
        .filter(version -> version.text().equals(canonical))
        .findFirst();
  }

  /// What stands against a schema as the next of the given versions, at the subject's level.
  List<String> violations(String subject, String text, List<SchemaVersion> versions) {
    return violations(catalog(), subject, parse(text), versions);
  }

  private List<String> violations(
      SchemaCatalog now, String subject, Schema schema, List<SchemaVersion> versions) {
    return SchemaEvolution.violations(
        effectiveLevel(now, subject),
        schema,
        versions.stream().map(version -> byId(version.id())).toList());
  }

  CompatibilityLevel effectiveLevel(String subject) {
    return effectiveLevel(catalog(), subject);
  }

  private static CompatibilityLevel effectiveLevel(SchemaCatalog now, String subject) {
    return now.level(subject).or(() -> now.level(SchemaCatalog.GLOBAL)).orElse(DEFAULT_LEVEL);
  }

  void setLevel(String subject, CompatibilityLevel level) {
    changes.make(_ ->
        new Change<>(
            List.of(
                new Write(SchemaCatalog.configKey(subject), SchemaCatalog.entryOf(subject, level))),
            level));
  }

  void removeLevel(String subject) {
    changes.make(
        _ -> new Change<>(List.of(new Write(SchemaCatalog.configKey(subject), null)), subject));
  }

  /// Deletes versions one record each, lowest first.
  void setVisibility(List<SchemaVersion> versions, Visibility visibility) {
    List<Write> writes =
        versions.stream().map(version -> Write.of(version.with(visibility))).toList();
    changes.make(_ -> new Change<>(writes, visibility));
  }

  private static void requireSubject(String subject) {
    if (subject.isBlank() || subject.chars().anyMatch(Character::isISOControl)) {
      throw RegistryRefusals.invalidSubject(subject);
    }
  }

  static Schema parse(String text) {
    try {
      return new Schema.Parser().parse(text);
    } catch (AvroRuntimeException e) {
      throw RegistryRefusals.invalidSchema(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void close() {
    changes.close();
  }
}
