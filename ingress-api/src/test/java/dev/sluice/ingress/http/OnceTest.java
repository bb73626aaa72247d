package dev.sluice.ingress.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.avro.Callback;
import dev.sluice.contract.avro.CallbackState;
import dev.sluice.ingress.core.callback.AttemptAnswer;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `Idempotency-Key` on calls that make something other than a job.
class OnceTest {
  private static final String KEY = "Idempotency-Key";
  private static final String ENDPOINT =
      "{\"url\":\"https://a.example/hook\",\"event_types\":[\"job.*\"]}";
  private static final String UPLOAD =
      "{\"filename\":\"x\",\"purpose\":\"batch\",\"bytes\":3,\"mime_type\":\"text/plain\"}";
  private static final String MESSAGES =
      "{\"requests\":[{\"custom_id\":\"a\",\"params\":{\"model\":\"fast\",\"max_tokens\":9,"
          + "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}}]}";

  @RegisterExtension final HttpFixture http = new HttpFixture();

  private static JsonNode ok(HttpResponse<String> response) {
    assertTrue(response.statusCode() < 300, response.statusCode() + response.body());
    return JsonMapper.shared().readTree(response.body());
  }

  private static void reused(HttpResponse<String> response) {
    assertEquals(422, response.statusCode(), response.body());
    assertTrue(response.body().contains("this idempotency key belongs"), response.body());
  }

  private static String id(JsonNode made) {
    return made.path("id").asString();
  }

  private HttpResponse<String> form(
      String path, String field, String content, String boundary, String key) throws Exception {
    String body =
        ("--%1$s\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n"
                + "--%1$s\r\nContent-Disposition: form-data; name=\"%2$s\"; filename=\"x\"\r\n"
                + "\r\n%3$s\r\n--%1$s--\r\n")
            .formatted(boundary, field, content);
    HttpRequest.Builder request =
        http.request(path)
            .header("Content-Type", "multipart/form-data; boundary=" + boundary)
            .POST(HttpRequest.BodyPublishers.ofString(body));
    return http.send((key.isEmpty() ? request : request.header(KEY, key)).build());
  }

  private HttpResponse<String> file(String content, String boundary, String key) throws Exception {
    return form("/v1/files", "file", content, boundary, key);
  }

  @Test
  void aFileSentAgainIsTheFirstOneWhateverItsBoundary() throws Exception {
    JsonNode first = ok(file("abc", "one", "k"));
    JsonNode again = ok(file("abc", "other", "k"));

    assertEquals(first, again);
    reused(file("abd", "one", "k"));
    assertNotEquals(id(first), id(ok(file("abc", "one", "k2"))));
    assertNotEquals(id(first), id(ok(file("abc", "one", ""))));
    assertEquals("abc", http.get("/v1/files/" + id(first) + "/content").body());
  }

  @Test
  void theKeyOfADeletedFileIsFree() throws Exception {
    JsonNode first = ok(file("abc", "one", "k"));
    HttpRequest delete = http.request("/v1/files/" + id(first)).DELETE().build();
    assertEquals(200, http.send(delete).statusCode());

    JsonNode next = ok(file("other", "one", "k"));

    assertNotEquals(id(first), id(next));
  }

  @Test
  void manyAtOnceMakeOneFile() throws Exception {
    List<CompletableFuture<HttpResponse<String>>> all =
        IntStream.range(0, 8)
            .mapToObj(n ->
                CompletableFuture.supplyAsync(() -> {
                  try {
                    return file("abc", "b" + n, "k");
                  } catch (Exception e) {
                    throw new IllegalStateException(e);
                  }
                }))
            .toList();

    assertEquals(1, all.stream().map(one -> id(ok(one.join()))).distinct().count());
    assertEquals(1, ok(http.get("/v1/files")).path("data").size());
  }

  @Test
  void anUploadItsPartsAndItsCompletionAreMadeOnce() throws Exception {
    JsonNode upload = ok(http.post("/v1/uploads", UPLOAD, KEY, "u"));
    assertEquals(upload, ok(http.post("/v1/uploads", UPLOAD, KEY, "u")));
    String path = "/v1/uploads/" + id(upload);
    JsonNode part = ok(form(path + "/parts", "data", "abc", "one", "p"));
    assertEquals(part, ok(form(path + "/parts", "data", "abc", "two", "p")));
    String join = "{\"part_ids\":[\"" + id(part) + "\"]}";

    JsonNode done = ok(http.post(path + "/complete", join, KEY, "c"));

    assertEquals(done, ok(http.post(path + "/complete", join, KEY, "c")));
    assertEquals("completed", done.path("status").asString());
    assertEquals(1, ok(http.get("/v1/files")).path("data").size());
    assertEquals(
        "completed", ok(http.post("/v1/uploads", UPLOAD, KEY, "u")).path("status").asString());
    reused(http.post("/v1/uploads", UPLOAD, KEY, "c"));
  }

  @Test
  void aCancelledUploadIsCancelledOnce() throws Exception {
    String path = "/v1/uploads/" + id(ok(http.post("/v1/uploads", UPLOAD))) + "/cancel";

    JsonNode first = ok(http.post(path, "", KEY, "k"));

    assertEquals(first, ok(http.post(path, "", KEY, "k")));
    assertEquals(400, http.post(path, "").statusCode());
  }

  @Test
  void aBatchIsBegunOnceEvenWhenItsInputIsGone() throws Exception {
    String input = id(ok(file("{}", "one", "")));
    String body =
        "{\"input_file_id\":\"%s\",\"endpoint\":\"/v1/chat/completions\",\"completion_window\":\"24h\"}"
            .formatted(input);

    JsonNode first = ok(http.post("/v1/batches", body, KEY, "k"));
    http.storage.removeFile("acme", input);

    assertEquals(first, ok(http.post("/v1/batches", body, KEY, "k")));
    reused(http.post("/v1/batches", body.replace("24h", "23h"), KEY, "k"));
    assertEquals(1, http.storage.all().size());
    String cancel = "/v1/batches/" + id(first) + "/cancel";
    assertEquals(ok(http.post(cancel, "", KEY, "c")), ok(http.post(cancel, "", KEY, "c")));
    reused(http.post(cancel, "", KEY, "k"));
  }

  @Test
  void aBatchOfMessagesIsBegunOnce() throws Exception {
    String[] headers = {"anthropic-version", "2023-06-01", KEY, "k"};
    JsonNode first = ok(http.post("/v1/messages/batches", MESSAGES, headers));

    assertEquals(first, ok(http.post("/v1/messages/batches", MESSAGES, headers)));

    reused(http.post("/v1/messages/batches", MESSAGES.replace("hi", "ho"), headers));
    assertEquals(1, http.storage.all().size());
  }

  @Test
  void aCallThatDiedBeforeItMadeAnythingIsMadeByItsRepeat() throws Exception {
    String[] headers = {"anthropic-version", "2023-06-01", KEY, "k"};
    JsonNode first = ok(http.post("/v1/messages/batches", MESSAGES, headers));
    http.storage.remove(http.storage.find("acme", id(first)).orElseThrow());

    assertEquals(id(first), id(ok(http.post("/v1/messages/batches", MESSAGES, headers))));
  }

  @Test
  void aWebhookEndpointAndItsSecretAreMadeOnce() throws Exception {
    JsonNode first = ok(http.post("/v1/webhook_endpoints", ENDPOINT, KEY, "k"));
    assertEquals(first, ok(http.post("/v1/webhook_endpoints", ENDPOINT, KEY, "k")));
    String path = "/v1/webhook_endpoints/" + id(first);

    JsonNode rotated = ok(http.post(path + "/rotate_secret", "{}", KEY, "r"));

    assertNotEquals(first.path("signing_secret"), rotated.path("signing_secret"));
    assertEquals(rotated, ok(http.post(path + "/rotate_secret", "{}", KEY, "r")));
    ok(http.post(path, "{\"name\":\"a\"}", KEY, "a"));
    ok(http.post(path, "{\"name\":\"b\"}"));
    assertEquals("b", ok(http.post(path, "{\"name\":\"a\"}", KEY, "a")).path("name").asString());
    reused(http.post(path, "{\"name\":\"c\"}", KEY, "a"));
    assertEquals(1, ok(http.get("/v1/webhook_endpoints")).path("data").size());
  }

  @Test
  void aCallbackSecretIsMadeOnce() throws Exception {
    JsonNode first = ok(http.post("/v1/callback_secrets", "{\"id\":\"s\"}", KEY, "k"));

    assertEquals(first, ok(http.post("/v1/callback_secrets", "{\"id\":\"s\"}", KEY, "k")));
    assertTrue(http.post("/v1/callback_secrets", "{\"id\":\"s\"}", KEY, "k2").statusCode() >= 400);
  }

  @Test
  void aTestIsSentOnceAndAnswersWithWhatTheReceiverSaidThen() throws Exception {
    String path = "/v1/webhook_endpoints/" + id(ok(http.post("/v1/webhook_endpoints", ENDPOINT)));
    String test = "{\"event_type\":\"job.failed\"}";

    JsonNode first = ok(http.post(path + "/test", test, KEY, "t"));
    http.callbacks.answer = new AttemptAnswer.Failed("timeout", true);

    assertEquals(first, ok(http.post(path + "/test", test, KEY, "t")));
    assertEquals(1, http.callbacks.tested.size());
    reused(http.post(path + "/test", test.replace("failed", "expired"), KEY, "t"));
    HttpResponse<String> silent = http.post(path + "/test", test, KEY, "silent");
    http.callbacks.answer = new AttemptAnswer.Answered(200, Optional.empty());
    assertEquals(502, http.post(path + "/test", test, KEY, "silent").statusCode());
    assertEquals(502, silent.statusCode());
    assertEquals(2, http.callbacks.tested.size());
    ok(http.post(path + "/test", test));
    assertEquals(3, http.callbacks.tested.stream().distinct().count());
  }

  @Test
  void aTestWhoseCallDiedIsTheSameEventWhenItIsSentAgain() throws Exception {
    String path = "/v1/webhook_endpoints/" + id(ok(http.post("/v1/webhook_endpoints", ENDPOINT)));
    String test = "{\"event_type\":\"job.failed\"}";
    ok(http.post(path + "/test", test, KEY, "t"));
    http.storage.keys.forgetOutcomes();

    ok(http.post(path + "/test", test, KEY, "t"));

    assertEquals(2, http.callbacks.tested.size());
    assertEquals(1, http.callbacks.tested.stream().distinct().count());
  }

  @Test
  void aDeliveryIsBegunAgainOnceEvenWhenItsEndpointIsGoneSince() throws Exception {
    String endpoint = id(ok(http.post("/v1/webhook_endpoints", ENDPOINT)));
    http.callbacks.deliveries.add(delivery("del_1", endpoint));
    http.callbacks.deliveries.add(delivery("del_2", endpoint));
    String path = "/v1/callback_deliveries/del_1/redeliver";

    JsonNode first = ok(http.post(path, "", KEY, "d"));
    assertEquals(first, ok(http.post(path, "", KEY, "d")));
    http.send(http.request("/v1/webhook_endpoints/" + endpoint).DELETE().build());

    assertEquals(first, ok(http.post(path, "", KEY, "d")));
    assertEquals(1, http.callbacks.redelivered.size());
    reused(http.post(path.replace("del_1", "del_2"), "", KEY, "d"));
    assertEquals(422, http.post(path, "", KEY, "e").statusCode());
  }

  private static Callback delivery(String id, String endpoint) {
    Callback delivery = new Callback();
    delivery.setId(id);
    delivery.setEventId("evt_1");
    delivery.setTenant("acme");
    delivery.setType("job.succeeded");
    delivery.setSubject("job_1");
    delivery.setCreatedAt(Instant.EPOCH);
    delivery.setState(CallbackState.EXHAUSTED);
    delivery.setEndpointId(endpoint);
    return delivery;
  }

  @Test
  void aChangeOfNothingHoldsItsKeyToo() throws Exception {
    String path = "/v1/webhook_endpoints/" + id(ok(http.post("/v1/webhook_endpoints", ENDPOINT)));

    ok(http.post(path, "{}", KEY, "n"));

    ok(http.post(path, "{}", KEY, "n"));
    reused(http.post(path, "{\"name\":\"a\"}", KEY, "n"));
  }

  @Test
  void theKeyOfACancelIsNoOtherCallsKey() throws Exception {
    String upload = id(ok(http.post("/v1/uploads", UPLOAD, KEY, "u")));
    HttpResponse<String> none = http.post("/v1/jobs/job_nonsense/cancel", "", KEY, "c");

    assertEquals(404, none.statusCode());
    assertEquals(404, http.post("/v1/jobs/job_nonsense/cancel", "", KEY, "c").statusCode());
    reused(http.post("/v1/uploads/" + upload + "/cancel", "", KEY, "c"));
    reused(http.post("/v1/jobs/job_nonsense/cancel", "", KEY, "u"));
    reused(http.post("/v1/responses/resp_nonsense/cancel", "", KEY, "u"));
  }

  @Test
  void keysAreTheTenantsOwn() throws Exception {
    JsonNode first = ok(http.post("/v1/uploads", UPLOAD, KEY, "k"));
    JsonNode foreign =
        ok(
            http.send(
                HttpRequest.newBuilder(http.request("/v1/uploads").build().uri())
                    .header("Authorization", "Bearer " + HttpFixture.FOREIGN)
                    .header("Content-Type", "application/json")
                    .header(KEY, "k")
                    .POST(HttpRequest.BodyPublishers.ofString(UPLOAD))
                    .build()));

    assertNotEquals(id(first), id(foreign));
    assertEquals(400, http.post("/v1/uploads", UPLOAD, KEY, "not a key").statusCode());
  }
}
