package dev.sluice.runtime.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.serde.SchemaRegistryException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/// Shapes and codes as Confluent's server gives them.
class RegistryRoutesTest {
  private static final String V1 =
      "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"string\"}]}";
  private static final String V2 =
      "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"string\"},"
          + "{\"name\":\"b\",\"type\":\"int\",\"default\":0}]}";
  private static final String OTHER =
      "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"c\",\"type\":\"long\"}]}";

  private final JsonMapper json = JsonMapper.shared();
  private final RegistryRoutes routes =
      new RegistryRoutes(LogSchemaRegistry.open(new MemorySchemaLog()), json);

  @BeforeEach
  void registersTwoVersions() {
    assertEquals("{\"id\":1}", post("/subjects/s-value/versions", V1));
    assertEquals("{\"id\":2}", post("/subjects/s-value/versions", V2));
  }

  @Test
  void readsSchemasById() {
    String schema = json.writeValueAsString(V1);

    assertEquals("{\"schema\":" + schema + "}", get("/schemas/ids/1"));
    assertEquals("{\"schema\":" + schema + ",\"maxId\":2}", get("/schemas/ids/1?fetchMaxId=true"));
    assertEquals(V1, get("/schemas/ids/1/schema"));
    assertEquals("[\"s-value\"]", get("/schemas/ids/1/subjects"));
    assertEquals("[{\"subject\":\"s-value\",\"version\":1}]", get("/schemas/ids/1/versions"));
    assertEquals("[\"AVRO\"]", get("/schemas/types"));
  }

  @Test
  void readsSubjectsAndVersions() {
    String second =
        "{\"subject\":\"s-value\",\"version\":2,\"id\":2,\"schema\":"
            + json.writeValueAsString(V2)
            + "}";

    assertEquals("[\"s-value\"]", get("/subjects"));
    assertEquals("[]", get("/subjects?subjectPrefix=t"));
    assertEquals("[1,2]", get("/subjects/s-value/versions"));
    assertEquals(second, get("/subjects/s-value/versions/2"));
    assertEquals(second, get("/subjects/s-value/versions/latest"));
    assertEquals(second, get("/subjects/s-value/versions/-1"));
    assertEquals(V2, get("/subjects/s-value/versions/2/schema"));
    assertEquals("[]", get("/subjects/s-value/versions/2/referencedby"));
    assertEquals(second, post("/subjects/s-value", V2));
  }

  @Test
  void answersTheSameIdForTheSameSchemaInOtherWhiteSpace() {
    assertEquals("{\"id\":1}", post("/subjects/s-value/versions", V1.replace(":", " : ")));
  }

  @ParameterizedTest
  @CsvSource({
    "GET,    /subjects/nope/versions,             40401",
    "GET,    /subjects/nope/versions/1,           40401",
    "GET,    /subjects/s-value/versions/9,        40402",
    "GET,    /subjects/s-value/versions/0,        42202",
    "GET,    /subjects/s-value/versions/first,    42202",
    "GET,    /schemas/ids/9,                      40403",
    "GET,    /schemas/ids/x,                      404",
    "GET,    /config/s-value,                     40408",
    "GET,    /mode/s-value,                       40409",
    "GET,    /nothing,                            404",
    "GET,    /subjects/s-value/nothing,           404",
    "PUT,    /subjects,                           405",
    "PUT,    /subjects/s-value,                   405",
    "POST,   /schemas/ids/1,                      405",
    "POST,   /subjects/s-value/versions,          42201",
    "PUT,    /config,                             42203",
    "DELETE, /subjects/nope,                      40401",
    "DELETE, /subjects/s-value?permanent=true,    40405",
    "DELETE, /subjects/s-value/versions/9,        40402",
    "DELETE, /subjects/s-value/versions/1?permanent=true, 40407",
    "DELETE, /config/s-value,                     40401"
  })
  void refusesWithConfluentsCodes(String method, String target, int code) {
    assertEquals(code, refusal(method, target, Map.of("schema", 7, "compatibility", "FUL")));
  }

  @Test
  void refusesWhatItDoesNotKeep() {
    assertEquals(
        42201,
        refusal("POST", "/subjects/p/versions", Map.of("schema", "x", "schemaType", "PROTOBUF")));
    assertEquals(
        42201,
        refusal(
            "POST",
            "/subjects/p/versions",
            Map.of("schema", V1, "references", List.of(Map.of("name", "x")))));
    assertEquals(40403, refusal("POST", "/subjects/s-value", Map.of("schema", OTHER)));
    assertEquals(40401, refusal("POST", "/subjects/nope", Map.of("schema", OTHER)));
  }

  @Test
  void refusesAnIncompatibleSchemaAndSaysWhy() {
    assertEquals(409, refusal("POST", "/subjects/s-value/versions", Map.of("schema", OTHER)));
    assertEquals(
        "{\"is_compatible\":false}",
        post("/compatibility/subjects/s-value/versions/latest", OTHER));
    assertTrue(
        post("/compatibility/subjects/s-value/versions?verbose=true", OTHER)
            .contains("READER_FIELD_MISSING_DEFAULT_VALUE"));
    assertEquals(
        "{\"is_compatible\":true}", post("/compatibility/subjects/s-value/versions/1", V2));
    assertEquals(
        "{\"is_compatible\":true,\"messages\":[]}",
        post("/compatibility/subjects/nope/versions/latest?verbose=true", V2));
  }

  @Test
  void keepsCompatibilityLevels() {
    assertEquals("{\"compatibilityLevel\":\"FULL_TRANSITIVE\"}", get("/config"));
    assertEquals(
        "{\"compatibility\":\"BACKWARD\"}",
        call("PUT", "/config", Map.of("compatibility", "backward")));
    assertEquals(
        "{\"compatibility\":\"NONE\"}",
        call("PUT", "/config/s-value", Map.of("compatibility", "NONE")));
    assertEquals("{\"compatibilityLevel\":\"NONE\"}", get("/config/s-value"));
    assertEquals("{\"id\":3}", post("/subjects/s-value/versions", OTHER));
    assertEquals("{\"compatibilityLevel\":\"NONE\"}", call("DELETE", "/config/s-value", Map.of()));
    assertEquals(
        "{\"compatibilityLevel\":\"BACKWARD\"}", get("/config/s-value?defaultToGlobal=true"));
    assertEquals("{\"compatibilityLevel\":\"BACKWARD\"}", call("DELETE", "/config", Map.of()));
    assertEquals("{\"compatibilityLevel\":\"FULL_TRANSITIVE\"}", get("/config"));
    assertEquals("{\"mode\":\"READWRITE\"}", get("/mode"));
  }

  @Test
  void deletesVersionsSoftlyThenForGood() {
    assertEquals("1", call("DELETE", "/subjects/s-value/versions/1", Map.of()));
    assertEquals("[2]", get("/subjects/s-value/versions"));
    assertEquals("[1,2]", get("/subjects/s-value/versions?deleted=true"));
    assertEquals(40402, refusal("GET", "/subjects/s-value/versions/1", Map.of()));
    assertEquals(40406, refusal("DELETE", "/subjects/s-value/versions/1", Map.of()));
    assertEquals("1", call("DELETE", "/subjects/s-value/versions/1?permanent=true", Map.of()));
    assertEquals("[2]", get("/subjects/s-value/versions?deleted=true"));
    assertEquals(V1, get("/schemas/ids/1/schema"));
  }

  @Test
  void deletesSubjectsSoftlyThenForGood() {
    assertEquals("[1,2]", call("DELETE", "/subjects/s-value", Map.of()));
    assertEquals("[]", get("/subjects"));
    assertEquals("[\"s-value\"]", get("/subjects?deleted=true"));
    assertEquals("[\"s-value\"]", get("/subjects?deletedOnly=true"));
    assertEquals(40404, refusal("DELETE", "/subjects/s-value", Map.of()));
    assertEquals("[1,2]", call("DELETE", "/subjects/s-value?permanent=true", Map.of()));
    assertEquals("[]", get("/subjects?deleted=true"));
    assertEquals(40401, refusal("DELETE", "/subjects/s-value?permanent=true", Map.of()));
    assertEquals("{\"id\":1}", post("/subjects/s-value/versions", V1));
    assertEquals("[3]", get("/subjects/s-value/versions"));
  }

  private String get(String target) {
    return call("GET", target, Map.of());
  }

  private String post(String target, String schema) {
    return call("POST", target, Map.of("schema", schema));
  }

  private int refusal(String method, String target, Map<String, ?> body) {
    return assertThrows(SchemaRegistryException.class, () -> call(method, target, body))
        .errorCode();
  }

  private String call(String method, String target, Map<String, ?> body) {
    String[] parts = target.split("\\?", 2);
    Map<String, String> query =
        parts.length == 1
            ? Map.of()
            : Arrays.stream(parts[1].split("&"))
                .map(pair -> pair.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    var path = Arrays.stream(parts[0].split("/")).filter(part -> !part.isEmpty()).toList();
    return json.writeValueAsString(
        routes.answer(new RegistryRequest(method, path, query, json.valueToTree(body))));
  }
}
