package dev.sluice.runtime.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.runtime.http.AdminEndpoint;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The built-in registry on an admin port, over a log in memory.
class BuiltInRegistryIT implements RegistryContract {
  private static AdminEndpoint admin;
  private static LogSchemaRegistry registry;

  @BeforeAll
  static void serves() {
    registry = LogSchemaRegistry.open(new MemorySchemaLog());
    var mounts = new RegistryHandler(registry).mounts();
    admin = new AdminEndpoint("127.0.0.1", 0, List::of, () -> "", mounts, _ -> false).start();
  }

  @AfterAll
  static void stops() {
    admin.close();
    registry.close();
  }

  @Override
  public URI url() {
    return URI.create("http://127.0.0.1:" + admin.port());
  }

  @Test
  void keepsSubjectsWithSlashesAndSpacesApart() throws Exception {
    String body = "{\"schema\":\"\\\"string\\\"\"}";

    assertEquals(200, call("POST", "/subjects/a%2Fb%20c+d/versions", body).statusCode());

    assertEquals(1, registry.catalog().versions("a/b c+d", false).size());
    assertEquals("[1]", call("GET", "/subjects/a%2Fb%20c%2Bd/versions", "").body());
  }

  @ParameterizedTest
  @CsvSource({
    "POST,   /subjects/x/versions, {nonsense, 400",
    "POST,   /subjects/x/versions, '',        422",
    "POST,   /subjects/x/versions, [],        422",
    "GET,    /subjects/none/versions, '',     404",
    "PATCH,  /subjects, '',                   405",
    "DELETE, /schemas/ids/1, '',              405"
  })
  void answersBadRequestsInConfluentsShape(String method, String path, String body, int status)
      throws Exception {
    var answer = call(method, path, body);

    assertEquals(status, answer.statusCode(), answer.body());
    assertEquals(
        "application/vnd.schemaregistry.v1+json",
        answer.headers().firstValue("content-type").orElse(""));
    assertEquals("{\"error_code\":", answer.body().substring(0, 14));
  }

  @Test
  void refusesABodyBeyondItsLimit() throws Exception {
    var answer = call("POST", "/subjects/x/versions", "\"" + "x".repeat(3 * 1024 * 1024) + "\"");

    assertEquals(413, answer.statusCode());
  }

  private static HttpResponse<String> call(String method, String path, String body)
      throws IOException, InterruptedException {
    try (var client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin.port() + path))
              .method(method, HttpRequest.BodyPublishers.ofString(body))
              .build(),
          HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }
  }
}
