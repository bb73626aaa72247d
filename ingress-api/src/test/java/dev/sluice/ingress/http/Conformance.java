package dev.sluice.ingress.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.sluice.runtime.http.ApiDescription;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Holds real answers against `docs/openapi.yaml`: the path, the method, the status, the content
/// type and, where it is JSON, the whole body must be described.
final class Conformance {
  private static final String LOCATION = "urn:sluice:openapi";
  private static final JsonNode DOCUMENT = JsonMapper.shared().readTree(ApiDescription.json());
  private static final SchemaRegistry SCHEMAS =
      SchemaRegistry.withDefaultDialect(
          SpecificationVersion.DRAFT_2020_12,
          builder ->
              builder.schemas(
                  Map.of(LOCATION, new String(ApiDescription.json(), StandardCharsets.UTF_8))));
  private static final Map<String, Schema> BY_POINTER = new ConcurrentHashMap<>();
  private static final Map<String, Pattern> PATHS = patterns();

  private Conformance() {}

  /// The answer, if it is one that the description allows.
  static HttpResponse<String> checked(HttpResponse<String> answer) {
    String path = answer.request().uri().getRawPath();
    String method = answer.request().method().toLowerCase(Locale.ROOT);
    String said = method + " " + path + " " + answer.statusCode();
    Optional<String> template = templateOf(path);
    if (template.isEmpty()) {
      assertTrue(answer.statusCode() >= 400, said + ": served, but not described");
      return answer;
    }
    String operation = pointer("paths", template.get(), method);
    if (DOCUMENT.at(operation).isMissingNode()) {
      assertEquals(405, answer.statusCode(), said + ": served, but not described");
      return answer;
    }
    body(answer, response(operation, answer.statusCode(), said), said);
    return answer;
  }

  private static Optional<String> templateOf(String path) {
    return PATHS.entrySet().stream()
        .filter(entry -> entry.getValue().matcher(path).matches())
        .map(Map.Entry::getKey)
        .findFirst();
  }

  private static String response(String operation, int status, String said) {
    String exact = operation + "/responses/" + status;
    String chosen = DOCUMENT.at(exact).isMissingNode() ? operation + "/responses/default" : exact;
    JsonNode response = DOCUMENT.at(chosen);
    assertTrue(response.isObject(), said + ": this status is not described");
    boolean failure = chosen.endsWith("default");
    assertTrue(!failure || status >= 400, said + ": only failures are described by default");
    String reference = response.path("$ref").asString("");
    return reference.isEmpty() ? chosen : reference.substring(1);
  }

  private static void body(HttpResponse<String> answer, String response, String said) {
    if (answer.body().isEmpty()) {
      return;
    }
    String type =
        answer.headers().firstValue("content-type").orElse("").replaceFirst(";.*", "").strip();
    String schema = response + pointer("content", type, "schema");
    if (DOCUMENT.at(schema).isMissingNode()) {
      fail(said + ": content type '" + type + "' is not described");
    }
    if (type.endsWith("json")) {
      var problems =
          BY_POINTER
              .computeIfAbsent(schema, Conformance::schema)
              .validate(JsonMapper.shared().readTree(answer.body()));
      assertTrue(problems.isEmpty(), said + ": " + problems + " in " + answer.body());
    }
  }

  private static Schema schema(String pointer) {
    return SCHEMAS.getSchema(
        JsonMapper.shared().createObjectNode().put("$ref", LOCATION + "#" + pointer));
  }

  private static Map<String, Pattern> patterns() {
    Map<String, Pattern> patterns = new java.util.LinkedHashMap<>();
    for (String template : DOCUMENT.path("paths").propertyNames()) {
      String regex = template.replace(".", "\\.").replaceAll("\\{[^}]+}", "[^/]+");
      patterns.put(template, Pattern.compile(regex));
    }
    return patterns;
  }

  private static String pointer(String... parts) {
    StringBuilder pointer = new StringBuilder();
    for (String part : parts) {
      pointer.append('/').append(part.replace("~", "~0").replace("/", "~1"));
    }
    return pointer.toString();
  }
}
