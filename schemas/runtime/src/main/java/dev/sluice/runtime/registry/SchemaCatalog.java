package dev.sluice.runtime.registry;

import dev.sluice.contract.avro.SchemaEntry;
import dev.sluice.contract.serde.CompatibilityLevel;
import dev.sluice.runtime.registry.SchemaVersion.Visibility;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What the registry knows, as the log has told it. Invariant: an id, once read, never means
/// another schema, nor does a version of a subject; a record that says otherwise is void.
///
/// Written by one thread at a time, read by any.
final class SchemaCatalog {
  /// Subject of the configuration that holds for all others.
  static final String GLOBAL = "";

  private static final String SCHEMA_KEY = "schema ";
  private static final String CONFIG_KEY = "config ";

  private final ConcurrentHashMap<Integer, String> textById = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Integer> idByText = new ConcurrentHashMap<>();
  private final ConcurrentNavigableMap<String, ConcurrentNavigableMap<Integer, SchemaVersion>>
      subjects = new ConcurrentSkipListMap<>();
  private final ConcurrentHashMap<String, CompatibilityLevel> levels = new ConcurrentHashMap<>();

  static String keyOf(SchemaVersion version) {
    return SCHEMA_KEY + version.version() + " " + version.subject();
  }

  static String configKey(String subject) {
    return CONFIG_KEY + subject;
  }

  static SchemaEntry entryOf(SchemaVersion version) {
    return SchemaEntry.newBuilder()
        .setSubject(version.subject())
        .setVersion(version.version())
        .setId(version.id())
        .setSchema$(version.text())
        .setDeleted(version.visibility() == Visibility.DELETED)
        .setPurged(version.visibility() == Visibility.PURGED)
        .build();
  }

  static SchemaEntry entryOf(String subject, CompatibilityLevel level) {
    return SchemaEntry.newBuilder().setSubject(subject).setCompatibility(level.name()).build();
  }

  /// Takes in one record of the log.
  ///
  /// @return false if it is void
  boolean apply(String key, @Nullable SchemaEntry entry) {
    if (key.startsWith(CONFIG_KEY)) {
      return applyLevel(key.substring(CONFIG_KEY.length()), entry);
    }
    if (entry == null) {
      // Only void records of schemas are ever taken back.
      return true;
    }
    SchemaVersion version = versionOf(entry);
    if (!key.equals(keyOf(version)) || contradicts(version)) {
      return false;
    }
    // The id first: a reader that finds the version finds the id too.
    textById.put(version.id(), version.text());
    idByText.putIfAbsent(version.text(), version.id());
    subjects
        .computeIfAbsent(version.subject(), _ -> new ConcurrentSkipListMap<>())
        .put(version.version(), version);
    return true;
  }

  private boolean applyLevel(String subject, @Nullable SchemaEntry entry) {
    if (entry == null) {
      levels.remove(subject);
      return true;
    }
    Optional<CompatibilityLevel> level =
        Optional.ofNullable(entry.getCompatibility()).flatMap(CompatibilityLevel::named);
    level.ifPresent(known -> levels.put(subject, known));
    return level.isPresent();
  }

  private boolean contradicts(SchemaVersion version) {
    String text = textById.get(version.id());
    if (text != null && !text.equals(version.text())) {
      return true;
    }
    SchemaVersion known = all(version.subject()).get(version.version());
    return known != null && known.id() != version.id();
  }

  private static SchemaVersion versionOf(SchemaEntry entry) {
    Visibility visibility =
        entry.getPurged()
            ? Visibility.PURGED
            : entry.getDeleted() ? Visibility.DELETED : Visibility.LIVE;
    return new SchemaVersion(
        entry.getSubject(), entry.getVersion(), entry.getId(), entry.getSchema$(), visibility);
  }

  /// What the record at a key should say; absent if there should be none.
  Optional<SchemaEntry> entry(String key) {
    if (key.startsWith(CONFIG_KEY)) {
      String subject = key.substring(CONFIG_KEY.length());
      return Optional.ofNullable(levels.get(subject)).map(level -> entryOf(subject, level));
    }
    return subjects.values().stream()
        .flatMap(versions -> versions.values().stream())
        .filter(version -> keyOf(version).equals(key))
        .findFirst()
        .map(SchemaCatalog::entryOf);
  }

  Optional<String> text(int id) {
    return Optional.ofNullable(textById.get(id));
  }

  Optional<Integer> idOf(String text) {
    return Optional.ofNullable(idByText.get(text));
  }

  int highestId() {
    return textById.keySet().stream().mapToInt(Integer::intValue).max().orElse(0);
  }

  int nextVersion(String subject) {
    NavigableMap<Integer, SchemaVersion> versions = all(subject);
    return versions.isEmpty() ? 1 : versions.lastKey() + 1;
  }

  Collection<String> subjects() {
    return List.copyOf(subjects.keySet());
  }

  /// A subject's versions in their order.
  List<SchemaVersion> versions(String subject, boolean withDeleted) {
    return all(subject).values().stream().filter(shown(withDeleted)).toList();
  }

  /// Where a schema is used, by subject and version.
  List<SchemaVersion> usesOf(int id, boolean withDeleted) {
    return subjects.values().stream()
        .flatMap(versions -> versions.values().stream())
        .filter(version -> version.id() == id)
        .filter(shown(withDeleted))
        .sorted(
            Comparator.comparing(SchemaVersion::subject).thenComparingInt(SchemaVersion::version))
        .toList();
  }

  Optional<CompatibilityLevel> level(String subject) {
    return Optional.ofNullable(levels.get(subject));
  }

  private static Predicate<SchemaVersion> shown(boolean withDeleted) {
    return version ->
        switch (version.visibility()) {
          case LIVE -> true;
          case DELETED -> withDeleted;
          case PURGED -> false;
        };
  }

  private NavigableMap<Integer, SchemaVersion> all(String subject) {
    ConcurrentNavigableMap<Integer, SchemaVersion> versions = subjects.get(subject);
    return versions == null ? new TreeMap<>() : versions;
  }
}
