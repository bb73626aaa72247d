package dev.sluice.runtime.registry;

import dev.sluice.contract.avro.SchemaEntry;
import dev.sluice.contract.serde.CompatibilityLevel;
import dev.sluice.contract.serde.SchemaEvolution;
import dev.sluice.contract.serde.SchemaRegistry;
import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.runtime.registry.SchemaVersion.Visibility;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The built-in registry, for where no other is configured: a catalog in memory whose only truth is
/// a compacted topic. A change is answered once the log has it; after any crash the log is read
/// again, so an id that was given out never changes its meaning.
///
/// One process is meant to write. If another does, the offsets show it: both then read the log
/// again, the first record of an id or version holds, what contradicts it is overwritten, and the
/// later writer decides anew.
///
/// Safe for use by many threads. Reads take no lock; changes go one by one.
public final class LogSchemaRegistry implements SchemaRegistry {
  private static final Logger LOG = LoggerFactory.getLogger(LogSchemaRegistry.class);

  /// The contract of Sluice's topics, so the default for every subject.
  static final CompatibilityLevel DEFAULT_LEVEL = CompatibilityLevel.FULL_TRANSITIVE;

  private static final int MAX_CONTENDED_TRIES = 10;

  private final SchemaLog log;
  private final ReentrantLock writing = new ReentrantLock();
  private final ConcurrentHashMap<Integer, Schema> parsed = new ConcurrentHashMap<>();
  private volatile SchemaCatalog catalog = new SchemaCatalog();

  /// The offset of our next record if we are the only writer; empty when the log must be read
  /// first. Guarded by the lock.
  private Optional<Long> nextOffset = Optional.empty();

  private LogSchemaRegistry(SchemaLog log) {
    this.log = log;
  }

  /// Reads the topic to its end, creating it if it is missing.
  public static LogSchemaRegistry open(KafkaClients kafka) {
    return open(new KafkaSchemaLog(kafka));
  }

  static LogSchemaRegistry open(SchemaLog log) {
    var registry = new LogSchemaRegistry(log);
    registry.writing.lock();
    try {
      registry.reload();
    } finally {
      registry.writing.unlock();
    }
    return registry;
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
    return catalog;
  }

  String text(int id) {
    return catalog.text(id).orElseThrow(() -> RegistryRefusals.schemaNotFound(id));
  }

  /// The live version that holds a schema, registering it if there is none.
  SchemaVersion register(String subject, String text) {
    requireSubject(subject);
    Schema schema = parse(text);
    String canonical = schema.toString();
    Optional<SchemaVersion> known = find(catalog, subject, canonical, false);
    return known.orElseGet(() -> change(now -> registration(now, subject, schema, canonical)));
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
    return find(catalog, subject, parse(text).toString(), withDeleted);
  }

  private static Optional<SchemaVersion> find(
      SchemaCatalog now, String subject, String canonical, boolean withDeleted) {
    return now.versions(subject, withDeleted).reversed().stream()
        .filter(version -> version.text().equals(canonical))
        .findFirst();
  }

  /// What stands against a schema as the next of the given versions, at the subject's level.
  List<String> violations(String subject, String text, List<SchemaVersion> versions) {
    return violations(catalog, subject, parse(text), versions);
  }

  private List<String> violations(
      SchemaCatalog now, String subject, Schema schema, List<SchemaVersion> versions) {
    return SchemaEvolution.violations(
        effectiveLevel(now, subject),
        schema,
        versions.stream().map(version -> byId(version.id())).toList());
  }

  CompatibilityLevel effectiveLevel(String subject) {
    return effectiveLevel(catalog, subject);
  }

  private static CompatibilityLevel effectiveLevel(SchemaCatalog now, String subject) {
    return now.level(subject).or(() -> now.level(SchemaCatalog.GLOBAL)).orElse(DEFAULT_LEVEL);
  }

  void setLevel(String subject, CompatibilityLevel level) {
    change(_ ->
        new Change<>(
            List.of(
                new Write(SchemaCatalog.configKey(subject), SchemaCatalog.entryOf(subject, level))),
            level));
  }

  void removeLevel(String subject) {
    change(_ -> new Change<>(List.of(new Write(SchemaCatalog.configKey(subject), null)), subject));
  }

  /// Deletes versions one record each, lowest first.
  void setVisibility(List<SchemaVersion> versions, Visibility visibility) {
    List<Write> writes =
        versions.stream().map(version -> Write.of(version.with(visibility))).toList();
    change(_ -> new Change<>(writes, visibility));
  }

  private record Write(String key, @Nullable SchemaEntry entry) {
    static Write of(SchemaVersion version) {
      return new Write(SchemaCatalog.keyOf(version), SchemaCatalog.entryOf(version));
    }
  }

  /// What to write, and what to answer once it is written.
  private record Change<R>(List<Write> writes, R answer) {}

  private <R> R change(Function<SchemaCatalog, Change<R>> decide) {
    writing.lock();
    try {
      for (int tries = 0; tries < MAX_CONTENDED_TRIES; tries++) {
        if (nextOffset.isEmpty()) {
          reload();
        }
        Change<R> change = decide.apply(catalog);
        if (writeAll(change.writes())) {
          return change.answer();
        }
      }
      throw RegistryRefusals.storeFailed(
          new IllegalStateException("another process writes the schemas topic all the time"));
    } finally {
      writing.unlock();
    }
  }

  /// False if another process wrote in between: what was decided may rest on an old state.
  private boolean writeAll(List<Write> writes) {
    for (Write write : writes) {
      if (!append(write)) {
        LOG.atWarn().log("another process writes the schemas topic, reading it again");
        return false;
      }
      catalog.apply(write.key(), write.entry());
    }
    return true;
  }

  private boolean append(Write write) {
    long expected = nextOffset.orElse(-1L);
    nextOffset = Optional.empty();
    long offset;
    try {
      offset = log.append(write.key(), write.entry());
    } catch (RuntimeException e) {
      // Whether it was written is not known, so the log is read before the next change.
      LOG.atWarn().setCause(e).log("schemas topic cannot be written");
      throw RegistryRefusals.storeFailed(e);
    }
    if (offset != expected) {
      return false;
    }
    nextOffset = Optional.of(offset + 1);
    return true;
  }

  private void reload() {
    var fresh = new SchemaCatalog();
    Set<String> voidKeys = new LinkedHashSet<>();
    long end;
    try {
      end =
          log.replay((key, entry) -> {
            if (!fresh.apply(key, entry)) {
              voidKeys.add(key);
            }
          });
    } catch (RuntimeException e) {
      LOG.atWarn().setCause(e).log("schemas topic cannot be read");
      throw RegistryRefusals.storeFailed(e);
    }
    catalog = fresh;
    nextOffset = Optional.of(end);
    for (String key : new ArrayList<>(voidKeys)) {
      // Compaction would keep the void record and drop the one that holds.
      append(new Write(key, fresh.entry(key).orElse(null)));
      if (nextOffset.isEmpty()) {
        return;
      }
    }
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
    log.close();
  }
}
