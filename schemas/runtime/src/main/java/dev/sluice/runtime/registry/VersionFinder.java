package dev.sluice.runtime.registry;

import java.util.List;
import java.util.Optional;

/// Finds what a path names, or says in Confluent's words that there is none.
record VersionFinder(LogSchemaRegistry registry) {
  static final String LATEST = "latest";

  /// A subject's versions, of which there is at least one.
  List<SchemaVersion> required(String subject, boolean withDeleted) {
    List<SchemaVersion> versions = registry.catalog().versions(subject, withDeleted);
    if (versions.isEmpty()) {
      throw RegistryRefusals.subjectNotFound(subject);
    }
    return versions;
  }

  /// The version of that number, or the latest.
  SchemaVersion numbered(String subject, String number, boolean withDeleted) {
    // "-1" is an older name of the latest version.
    boolean latest = number.equals(LATEST) || number.equals("-1");
    Optional<Integer> wanted = number(number).filter(value -> value > 0);
    if (!latest && wanted.isEmpty()) {
      throw RegistryRefusals.invalidVersion(number);
    }
    List<SchemaVersion> versions = required(subject, withDeleted);
    if (latest) {
      return versions.getLast();
    }
    return versions.stream()
        .filter(version -> version.version() == wanted.get())
        .findFirst()
        .orElseThrow(() -> RegistryRefusals.versionNotFound(wanted.get()));
  }

  static Optional<Integer> number(String text) {
    try {
      return Optional.of(Integer.parseInt(text));
    } catch (NumberFormatException _) {
      return Optional.empty();
    }
  }
}
