package dev.sluice.contract.serde;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchemaEvolutionTest {
  private static final Schema BASE = record("{'name':'a','type':'string'}");
  private static final Schema OPTIONAL_ADDED =
      record("{'name':'a','type':'string'},{'name':'b','type':'string','default':''}");
  private static final Schema REQUIRED_ADDED =
      record("{'name':'a','type':'string'},{'name':'b','type':'string'}");
  private static final Schema REQUIRED_DROPPED = record("");

  @ParameterizedTest
  @CsvSource({
    "NONE,                true,  true",
    "BACKWARD,            false, true",
    "BACKWARD_TRANSITIVE, false, true",
    "FORWARD,             true,  false",
    "FORWARD_TRANSITIVE,  true,  false",
    "FULL,                false, false",
    "FULL_TRANSITIVE,     false, false"
  })
  void allowsWhatTheLevelAllows(
      CompatibilityLevel level, boolean mayAddRequired, boolean mayDropRequired) {
    assertEquals(List.of(), SchemaEvolution.violations(level, OPTIONAL_ADDED, List.of(BASE)));
    assertEquals(
        mayAddRequired, SchemaEvolution.violations(level, REQUIRED_ADDED, List.of(BASE)).isEmpty());
    assertEquals(
        mayDropRequired,
        SchemaEvolution.violations(level, REQUIRED_DROPPED, List.of(BASE)).isEmpty());
  }

  @Test
  void looksPastTheLatestVersionOnlyWhenTransitive() {
    List<Schema> versions = List.of(BASE, OPTIONAL_ADDED);
    Schema candidate =
        record("{'name':'a','type':'string'},{'name':'b','type':['string','null'],'default':''}");
    Schema gap = record("{'name':'b','type':'string','default':''}");

    assertTrue(
        SchemaEvolution.violations(CompatibilityLevel.FULL_TRANSITIVE, candidate, versions).stream()
            .anyMatch(message -> message.contains("old schema cannot read the new one")));
    assertTrue(SchemaEvolution.violations(CompatibilityLevel.BACKWARD, gap, versions).isEmpty());
    assertEquals(
        1,
        SchemaEvolution.violations(CompatibilityLevel.FORWARD_TRANSITIVE, gap, List.of(BASE, gap))
            .size());
    assertEquals(
        0, SchemaEvolution.violations(CompatibilityLevel.FORWARD, gap, List.of(BASE, gap)).size());
  }

  private static Schema record(String fields) {
    String text = "{'type':'record','name':'R','fields':[" + fields + "]}";
    return new Schema.Parser().parse(text.replace('\'', '"'));
  }
}
