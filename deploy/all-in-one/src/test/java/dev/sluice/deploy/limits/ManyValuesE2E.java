package dev.sluice.deploy.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.deploy.AtOnce;
import dev.sluice.deploy.SluiceCaller;
import dev.sluice.deploy.SluiceProcess;
import dev.sluice.testkit.Eventually;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A tenant's users have a limit each, and there are more of them than fit into one record: each is
/// counted, also through a kill.
class ManyValuesE2E {
  private static final Duration LONG = Duration.ofMinutes(4);
  private static final int CONNECTIONS = 64;

  /// With names of 250 characters 4.6 MB, where a record has 4 MiB at most.
  private static final int USERS = 16_000;

  private static final String CONFIGURATION =
      """
      tenants:
        - id: acme
          keys: [{id: k, secret: "${env:KEY}", scopes: [submit, read]}]
          quotas: {requests_per_minute: 1000000}
          tags:
            - {tag: user, budgets: [{requests: 1, period: forever, on_exceeded: reject, alerts: [1]}]}
            - {tag: user, value: root, budgets: [{requests: 7, period: forever}]}
      pools:
        - {id: p, provider: simulated, concurrency: 64, simulation: {first_token: PT0S, tokens_per_second: 0}}
      models:
        - {id: m, routes: [{pool: p, model: m}]}
      """;

  @TempDir private Path folder;
  private SluiceCaller caller;

  @AfterEach
  void closeCaller() {
    caller.close();
  }

  @Test
  void eachOfMoreUsersThanARecordHoldsHasItsLimitThroughAKill() throws Exception {
    SluiceProcess first = up();
    submitOfEachUser();
    Eventually.await("all are counted", LONG, () -> users().size() == USERS);
    assertEquals(429, submit(17).statusCode());
    first.kill();

    try (SluiceProcess second = up()) {
      for (int user = 0; user < USERS; user += 1_000) {
        assertEquals(429, submit(user).statusCode());
      }
      assertEquals(USERS, users().size());
      JsonNode one = caller.read("/v1/quotas?tag.user=" + user(4)).required("data");
      assertEquals(1, one.size());
      assertEquals(user(4), one.get(0).required("value").stringValue());
      assertEquals(1, one.get(0).required("used").intValue());
      assertEquals("[{\"fraction\":\"1\",\"reached\":true}]", one.get(0).get("alerts").toString());
      JsonNode root = caller.read("/v1/quotas?tag.user=root").required("data");
      assertEquals(1, root.size());
      assertEquals(7, root.get(0).required("limit").intValue());
      assertEquals(0, second.terminate());
    }
  }

  private void submitOfEachUser() throws Exception {
    for (HttpResponse<String> answer : AtOnce.call(CONNECTIONS, USERS, this::submit)) {
      assertEquals(202, answer.statusCode(), answer::body);
    }
  }

  private HttpResponse<String> submit(int user) throws Exception {
    return caller.post(
        "/v1/jobs",
        "{\"model\":\"m\",\"tags\":{\"user\":\"%s\"},\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
            .formatted(user(user)));
  }

  private static String user(int number) {
    return "%0250d".formatted(number);
  }

  /// Users of whom one job is counted, page after page.
  private Set<String> users() throws Exception {
    Set<String> users = new HashSet<>();
    String after = "";
    while (true) {
      JsonNode page = caller.read("/v1/quotas?limit=1000" + after);
      for (JsonNode quota : page.required("data")) {
        if (quota.required("id").stringValue().startsWith("tag:user=0")) {
          if (quota.required("used").intValue() == 1) {
            users.add(quota.required("value").stringValue());
          }
        }
      }
      if (!page.required("has_more").booleanValue()) {
        return users;
      }
      after = "&after=" + page.required("last_id").stringValue().replace("|", "%7C");
    }
  }

  private SluiceProcess up() throws IOException {
    SluiceProcess sluice = SluiceProcess.up(folder, CONFIGURATION, Map.of("KEY", "sk-acme"));
    caller = new SluiceCaller(sluice.url(), "sk-acme");
    return sluice;
  }
}
