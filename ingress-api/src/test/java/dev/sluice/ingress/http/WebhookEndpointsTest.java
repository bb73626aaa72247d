package dev.sluice.ingress.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.avro.Callback;
import dev.sluice.contract.avro.CallbackState;
import dev.sluice.contract.avro.Submission;
import dev.sluice.ingress.core.callback.AttemptAnswer;
import dev.sluice.ingress.core.callback.Receiver;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class WebhookEndpointsTest {
  private static final String ENDPOINTS = "/v1/webhook_endpoints";
  private static final String NEW =
      "{\"name\":\"n\",\"url\":\"https://a.example/hook\",\"event_types\":[\"job.*\"]}";
  private static final String CHAT =
      "\"model\":\"fast\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";

  @RegisterExtension final HttpFixture ingress = new HttpFixture();

  private static JsonNode json(HttpResponse<String> response) {
    return JsonMapper.shared().readTree(response.body());
  }

  private JsonNode created() throws Exception {
    HttpResponse<String> response = ingress.post(ENDPOINTS, NEW);
    assertEquals(200, response.statusCode(), response.body());
    return json(response);
  }

  private String pathOf(JsonNode endpoint) {
    return ENDPOINTS + "/" + endpoint.get("id").asString();
  }

  @Test
  void showsASecretWhenItIsMadeAndNeverAgain() throws Exception {
    JsonNode created = created();

    JsonNode read = json(ingress.get(pathOf(created)));
    assertTrue(created.get("signing_secret").asString().startsWith("whsec_"));
    assertTrue(created.get("id").asString().startsWith("whe_"));
    assertEquals("webhook_endpoint", read.get("object").asString());
    assertEquals("https://a.example/hook", read.get("url").asString());
    assertEquals("[\"job.*\"]", read.get("event_types").toString());
    assertEquals("enabled", read.get("status").asString());
    assertNull(read.get("signing_secret"));
    assertTrue(read.get("signing_secret_hint").asString().startsWith("whsec_..."));
  }

  @Test
  void listsNewestFirstPageByPage() throws Exception {
    String first = created().get("id").asString();
    String second = created().get("id").asString();

    JsonNode page = json(ingress.get(ENDPOINTS + "?limit=1"));
    String shown = page.get("data").get(0).get("id").asString();
    JsonNode rest = json(ingress.get(ENDPOINTS + "?limit=1&after=" + shown));

    assertTrue(page.get("has_more").asBoolean());
    assertFalse(rest.get("has_more").asBoolean());
    assertEquals(
        java.util.Set.of(first, second),
        java.util.Set.of(shown, rest.get("data").get(0).get("id").asString()));
  }

  @Test
  void changesWhatIsNamedAndEnablesAgain() throws Exception {
    JsonNode created = created();
    Receiver known =
        ingress.callbacks.endpoints.find("acme", created.get("id").asString()).orElseThrow();
    ingress.callbacks.endpoints.put(known.disabled("gone", Instant.now()));
    assertEquals("gone", json(ingress.get(pathOf(created))).get("disabled_reason").asString());

    JsonNode changed =
        json(
            ingress.post(
                pathOf(created), "{\"event_types\":[\"batch.completed\"],\"status\":\"enabled\"}"));

    assertEquals("[\"batch.completed\"]", changed.get("event_types").toString());
    assertEquals("n", changed.get("name").asString());
    assertEquals("enabled", changed.get("status").asString());
  }

  @Test
  void isGoneOnceDeletedAndNeverThereForOthers() throws Exception {
    JsonNode created = created();

    assertEquals(
        404,
        ingress
            .get(pathOf(created), "Authorization", "Bearer " + HttpFixture.FOREIGN)
            .statusCode());
    HttpResponse<String> deleted = ingress.send(ingress.request(pathOf(created)).DELETE().build());
    assertTrue(json(deleted).get("deleted").asBoolean());
    assertEquals(404, ingress.get(pathOf(created)).statusCode());
    assertEquals(0, json(ingress.get(ENDPOINTS)).get("data").size());
  }

  @Test
  void rotatesWithBothSecretsSigningForADayUnlessToldOtherwise() throws Exception {
    JsonNode created = created();
    String path = pathOf(created);

    JsonNode rotated = json(ingress.post(path + "/rotate_secret", ""));

    assertFalse(rotated.get("signing_secret").equals(created.get("signing_secret")));
    Receiver now =
        ingress.callbacks.endpoints.find("acme", created.get("id").asString()).orElseThrow();
    assertEquals(2, now.signing(Instant.now()).size());
    assertEquals(2, now.signing(Instant.now().plus(Duration.ofHours(23))).size());
    assertEquals(1, now.signing(Instant.now().plus(Duration.ofHours(25))).size());

    ingress.post(path + "/rotate_secret", "{\"keep_old_secret_active_for_24_hours\":false}");
    Receiver hard =
        ingress.callbacks.endpoints.find("acme", created.get("id").asString()).orElseThrow();
    assertEquals(1, hard.signing(Instant.now()).size());
    assertEquals(400, ingress.post(path + "/rotate_secret", "{\"overlap\":\"P30D\"}").statusCode());
  }

  @Test
  void refusesWhatItCouldNotDo() throws Exception {
    assertRefused("{\"url\":\"https://a.example/\"}", "event_types", "schema_violation");
    assertRefused(
        "{\"url\":\"https://a.example/\",\"event_types\":[\"video.completed\"]}",
        "event_types[0]",
        "schema_violation");
    assertRefused(
        "{\"url\":\"https://a.example/\",\"event_types\":[\"*\"],\"x\":1}",
        "x",
        "schema_violation");
    assertRefused("{\"url\":\"https://[::1]/\",\"event_types\":[\"*\"]}", "url", "callback_denied");
  }

  private void assertRefused(String body, String param, String code) throws Exception {
    HttpResponse<String> response = ingress.post(ENDPOINTS, body);
    JsonNode error = json(response).get("error");
    assertEquals(param, error.get("param").asString(), response.body());
    assertEquals(code, error.get("code").asString());
  }

  @Test
  void testsAReceiverWhileItsOwnerWaits() throws Exception {
    String path = pathOf(created()) + "/test";

    JsonNode tested = json(ingress.post(path, "{\"event_type\":\"response.completed\"}"));
    ingress.callbacks.answer = new AttemptAnswer.Failed("timeout", true);
    HttpResponse<String> silent = ingress.post(path, "{\"event_type\":\"job.failed\"}");

    assertEquals(204, tested.get("status_code").asInt());
    assertEquals("webhook_endpoint.test", tested.get("object").asString());
    assertEquals(502, silent.statusCode());
    assertEquals("callback_failed", json(silent).get("error").get("code").asString());
    assertEquals(400, ingress.post(path, "{\"event_type\":\"job.*\"}").statusCode());
  }

  @Test
  void aJobCarriesItsCallbackAndACallThatWaitsNone() throws Exception {
    JsonNode secret = json(ingress.post("/v1/callback_secrets", "{\"id\":\"mine\"}"));
    assertTrue(secret.get("signing_secret").asString().startsWith("whsec_"));

    ingress.post(
        "/v1/jobs",
        "{" + CHAT + ",\"callback_url\":\"HTTPS://A.example\",\"callback_secret_id\":\"mine\"}");
    Submission job = ingress.log.takeSubmission();
    assertEquals("https://a.example/", job.getCallback().getUrl());
    assertEquals("mine", job.getCallback().getSecretId());
    assertEquals("/v1/chat/completions", job.getCallback().getEndpoint());

    ingress.post("/v1/jobs", "{" + CHAT + "}");
    assertNull(ingress.log.takeSubmission().getCallback().getUrl());

    var _ = ingress.posted("/v1/chat/completions", "{" + CHAT + "}");
    assertNull(ingress.log.takeSubmission().getCallback());
  }

  @Test
  void showsDeliveriesAndMakesThemAgain() throws Exception {
    JsonNode created = created();
    Callback delivery = new Callback();
    delivery.setId("del_1");
    delivery.setEventId("evt_1");
    delivery.setTenant("acme");
    delivery.setType("job.succeeded");
    delivery.setSubject("job_1");
    delivery.setCreatedAt(Instant.now());
    delivery.setState(CallbackState.EXHAUSTED);
    delivery.setEndpointId(created.get("id").asString());
    delivery.setAttempts(10);
    delivery.setLastStatus(500);
    ingress.callbacks.deliveries.add(delivery);

    JsonNode listed = json(ingress.get(pathOf(created) + "/deliveries")).get("data").get(0);
    HttpResponse<String> again = ingress.post("/v1/callback_deliveries/del_1/redeliver", "");

    assertEquals("exhausted", listed.get("status").asString());
    assertEquals(500, listed.get("last_status_code").asInt());
    assertEquals(202, again.statusCode(), again.body());
    assertEquals(1, ingress.callbacks.redelivered.size());
    assertEquals(404, ingress.get("/v1/callback_deliveries/del_2").statusCode());
    assertEquals(
        404,
        ingress
            .get("/v1/callback_deliveries/del_1", "Authorization", "Bearer " + HttpFixture.FOREIGN)
            .statusCode());
  }

  @Test
  void aKeyThatMayOnlyReadChangesNothing() throws Exception {
    HttpRequest request =
        ingress
            .request(ENDPOINTS)
            .setHeader("Authorization", "Bearer " + HttpFixture.READ_ONLY)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(NEW))
            .build();

    assertEquals(403, ingress.send(request).statusCode());
  }
}
