package dev.sluice.contract.serde;

import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.Incompatibility;

/// Decides whether a schema may follow others. The same rule serves the built-in registry and the
/// check of our own schemas against released ones.
public final class SchemaEvolution {
  private SchemaEvolution() {}

  /// What stands against a schema; empty when nothing does.
  ///
  /// @param versions earlier schemas, oldest first
  public static List<String> violations(
      CompatibilityLevel level, Schema candidate, List<Schema> versions) {
    List<String> violations = new ArrayList<>();
    int first = level.transitive() ? 0 : Math.max(0, versions.size() - 1);
    for (Schema older : versions.subList(first, versions.size()).reversed()) {
      if (level.readsOlder()) {
        violations.addAll(unreadable(candidate, older, "the new schema cannot read the old one"));
      }
      if (level.readByOlder()) {
        violations.addAll(unreadable(older, candidate, "the old schema cannot read the new one"));
      }
    }
    return violations;
  }

  private static List<String> unreadable(Schema reader, Schema writer, String meaning) {
    List<String> violations = new ArrayList<>();
    for (Incompatibility found :
        SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
            .getResult()
            .getIncompatibilities()) {
      violations.add(
          "{errorType:'%s', description:'%s at %s', additionalInfo:'%s'}"
              .formatted(found.getType(), meaning, found.getLocation(), found.getMessage()));
    }
    return violations;
  }
}
