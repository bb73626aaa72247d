package dev.sluice.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testkit.Eventually;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/// Sending a request again, as callers meet it, also after everything was killed.
class RepeatsE2E {
  private static final String JOBS = "/v1/jobs";
  private static final String CHAT = "/v1/chat/completions";
  private static final String UPLOADS = "/v1/uploads";
  private static final String BATCHES = "/v1/messages/batches";
  private static final String KEY = "Idempotency-Key";

  @TempDir private Path folder;
  private SluiceCaller caller;

  @AfterEach
  void closeCaller() {
    caller.close();
  }

  @Test
  void aKeyNamesOneJobThroughAKill() throws Exception {
    String job;
    String chat;
    try (SluiceProcess first = up()) {
      job = accepted(caller.post(JOBS, body("one"), KEY, "k1"));
      assertEquals(job, accepted(caller.post(JOBS, body("one"), KEY, "\"k1\"")));
      assertEquals(422, caller.post(JOBS, body("two"), KEY, "k1").statusCode());
      assertNotEquals(job, accepted(caller.post(JOBS, body("one"))));

      chat = oneAnswerOf(together(8, CHAT, body("three"), KEY, "k2"));
      assertEquals(chat, id(caller.post(CHAT, body("three"), KEY, "k2")));
      first.kill();
    }

    try (SluiceProcess second = up()) {
      assertEquals(job, accepted(caller.post(JOBS, body("one"), KEY, "k1")));
      assertEquals(422, caller.post(JOBS, body("two"), KEY, "k1").statusCode());
      assertEquals(chat, id(caller.post(CHAT, body("three"), KEY, "k2")));
      assertEquals(1, jobsTagged("three"));
      assertEquals(0, second.terminate(), second.stderr());
    }
  }

  @Test
  void aKeyNamesOneUploadAndOneBatchThroughAKill() throws Exception {
    String upload;
    String batch;
    try (SluiceProcess first = up()) {
      upload = made(together(8, UPLOADS, upload("x"), KEY, "u"));
      batch = made(together(8, BATCHES, batch("hi"), KEY, "b"));
      first.kill();
    }

    try (SluiceProcess second = up()) {
      assertEquals(upload, made(together(2, UPLOADS, upload("x"), KEY, "u")));
      assertEquals(batch, made(together(2, BATCHES, batch("hi"), KEY, "b")));
      assertEquals(422, caller.post(UPLOADS, upload("y"), KEY, "u").statusCode());
      assertEquals(422, caller.post(BATCHES, batch("ho"), KEY, "b").statusCode());
      String path = BATCHES + "/" + batch;
      Eventually.await(
          "end of " + batch,
          Duration.ofSeconds(30),
          () -> caller.read(path).path("processing_status").asString().equals("ended"));
      assertEquals(1, caller.read(path).at("/request_counts/succeeded").asInt());
      assertEquals(1, caller.get(path + "/results").body().lines().count());
      assertEquals(0, second.terminate(), second.stderr());
    }
  }

  private static String upload(String name) {
    return "{\"filename\":\"%s\",\"purpose\":\"batch\",\"bytes\":3,\"mime_type\":\"text/plain\"}"
        .formatted(name);
  }

  private static String batch(String text) {
    return "{\"requests\":[{\"custom_id\":\"a\",\"params\":{\"model\":\"demo\",\"max_tokens\":3,"
        + "\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}}]}".formatted(text);
  }

  /// The one thing that all of them made.
  private static String made(List<HttpResponse<String>> answers) {
    Set<String> ids = new HashSet<>();
    for (HttpResponse<String> answer : answers) {
      assertEquals(200, answer.statusCode(), answer.body());
      ids.add(JsonMapper.shared().readTree(answer.body()).path("id").asString());
    }
    assertEquals(1, ids.size(), ids.toString());
    return ids.iterator().next();
  }

  @Test
  void anSdksRetryGetsTheFirstAnswerAlsoAsAStream() throws Exception {
    try (SluiceProcess sluice = up()) {
      String retries = "X-Stainless-Retry-Count";
      String streamed = body("four").replace("{\"model\"", "{\"stream\":true,\"model\"");

      HttpResponse<String> first = caller.post(CHAT, streamed, retries, "0");
      HttpResponse<String> retry = caller.post(CHAT, streamed, retries, "1");
      HttpResponse<String> other = caller.post(CHAT, streamed, retries, "0");

      assertEquals(id(first), id(retry));
      assertEquals(first.body(), retry.body());
      assertTrue(retry.body().endsWith("data: [DONE]\n\n"), retry.body());
      assertNotEquals(id(first), id(other));
      assertEquals(0, sluice.terminate(), sluice.stderr());
    }
  }

  private static String body(String text) {
    return "{\"model\":\"demo\",\"metadata\":{\"text\":\"%s\"},".formatted(text)
        + "\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}".formatted(text);
  }

  private List<HttpResponse<String>> together(
      int count, String path, String body, String... headers) {
    HttpRequest request = caller.posting(path, body, headers);
    List<CompletableFuture<HttpResponse<String>>> sent =
        IntStream.range(0, count)
            .mapToObj(_ -> caller.http().sendAsync(request, BodyHandlers.ofString()))
            .toList();
    return sent.stream().map(CompletableFuture::join).toList();
  }

  /// All of them are the same answer of one job, whose id it gives.
  private static String oneAnswerOf(List<HttpResponse<String>> answers) {
    Set<String> ids = new HashSet<>();
    Set<String> bodies = new HashSet<>();
    for (HttpResponse<String> answer : answers) {
      assertEquals(200, answer.statusCode(), answer.body());
      ids.add(id(answer));
      bodies.add(answer.body());
    }
    assertEquals(1, ids.size(), ids.toString());
    assertEquals(1, bodies.size(), bodies.toString());
    return ids.iterator().next();
  }

  private static String accepted(HttpResponse<String> response) {
    assertEquals(202, response.statusCode(), response.body());
    String id = id(response);
    assertEquals(JOBS + "/" + id, response.headers().firstValue("location").orElse(""));
    assertTrue(response.body().contains("\"id\":\"" + id + "\""), response.body());
    return id;
  }

  private static String id(HttpResponse<String> response) {
    return response.headers().firstValue("x-request-id").orElseThrow();
  }

  private int jobsTagged(String text) throws Exception {
    return caller.read(JOBS + "?tag.text=" + text).path("data").size();
  }

  private SluiceProcess up() throws Exception {
    SluiceProcess process = SluiceProcess.up(folder);
    caller = new SluiceCaller(process.url(), "sk-sluice-demo");
    return process;
  }
}
