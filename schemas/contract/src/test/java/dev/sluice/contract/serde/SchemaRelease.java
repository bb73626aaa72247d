package dev.sluice.contract.serde;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.avro.Schema;
import org.apache.avro.SchemaFormatter;
import org.junit.jupiter.api.Test;

/// Adds the schemas of a release: `mvn -pl schemas/contract -am test -Dtest=SchemaRelease
/// -Dsluice.release=0.1.0 -Dsurefire.failIfNoSpecifiedTests=false`. Commit the new folder; never
/// change an old one. Its name keeps it out of every run that does not ask for it.
class SchemaRelease {
  @Test
  void addsTheSchemasOfARelease() throws IOException {
    Path folder = ReleasedSchemasTest.RELEASED.resolve(System.getProperty("sluice.release"));
    assertFalse(Files.exists(folder), folder + " is already released");
    Files.createDirectories(folder);
    for (Schema schema : ReleasedSchemasTest.valueSchemas().toList()) {
      Files.writeString(
          folder.resolve(schema.getName() + ".avsc"),
          SchemaFormatter.format("json/pretty", schema) + "\n");
    }
  }
}
