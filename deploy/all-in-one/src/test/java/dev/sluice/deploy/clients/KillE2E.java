package dev.sluice.deploy.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.deploy.SluiceProcess;
import dev.sluice.deploy.callback.CallbackReceiver;
import dev.sluice.testkit.Eventually;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// One `kill -9` in the middle of every flow that a caller can be in, and what each caller finds
/// when Sluice is back: streams that are being read, calls and polls that wait, a message batch, an
/// upload, callbacks. What is charged must be what the jobs say, one charge a job.
class KillE2E {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int LINES = 60;
  private static final String FIRST_HALF = "first half, ";
  private static final String SECOND_HALF = "second half";

  private static final String CONFIGURATION =
      """
      server: {callbacks: {allow: [127.0.0.0/8]}}
      tenants:
        - id: acme
          keys: [{id: ci, secret: "${env:KEY}", scopes: [submit, read, cancel, costs]}]
      pools:
        - id: quick
          provider: simulated
          concurrency: 4
          simulation: {tokens_per_second: 100, output_tokens: 10}
        - id: slow
          provider: simulated
          concurrency: 32
          simulation: {tokens_per_second: 20, output_tokens: 120}
      models:
        - {id: fast, routes: [{pool: quick, model: fast}]}
        - {id: slow, routes: [{pool: slow, model: slow}]}
      prices:
        - {pool: quick, model: fast, from: 2020-01-01, input: 0.15, output: 0.60}
        - {pool: slow, model: slow, from: 2020-01-01, input: 0.15, output: 0.60}
      """;

  private static Path folder;
  private static SluiceProcess sluice;
  private static KillClient client;
  private static CallbackReceiver receiver;

  private static EventReader chat;
  private static EventReader messages;
  private static EventReader events;
  private static CompletableFuture<HttpResponse<String>> waiting;
  private static CompletableFuture<HttpResponse<String>> preferring;
  private static CompletableFuture<HttpResponse<String>> polling;
  private static Socket halfSent;
  private static String told;
  private static String later;
  private static String batch;
  private static String upload;
  private static String firstPart;

  @BeforeAll
  static void killsInTheMiddleOfEveryFlow(@TempDir Path temporary) throws Exception {
    folder = temporary;
    receiver = new CallbackReceiver();
    // The call that runs while the kill comes is never answered.
    receiver.answers("/told", number -> number == 1 ? 0 : 204);
    start();

    beginsWhatEndsLast();
    beginsWhatIsWaitedFor();
    await("all flows are under way", KillE2E::underWay);
    sluice.kill();

    KillClient before = client;
    start();
    before.close();
  }

  private static void start() throws Exception {
    sluice = SluiceProcess.up(folder, CONFIGURATION, Map.of("KEY", KillClient.KEY));
    client = new KillClient(sluice.url());
  }

  private static void beginsWhatEndsLast() throws Exception {
    told = id(client.posted("/v1/jobs", job("fast", "told", receiver.url("/told"))));
    JsonNode made =
        client.posted(
            "/v1/uploads",
            """
            {"filename":"in.txt","purpose":"user_data","mime_type":"text/plain","bytes":%d}\
            """
                .formatted(FIRST_HALF.length() + SECOND_HALF.length()));
    upload = id(made);
    firstPart = client.part(upload, FIRST_HALF);
    List<String> requests = new ArrayList<>();
    for (int i = 0; i < LINES; i++) {
      requests.add(
          """
          {"custom_id":"line-%d","params":{"model":"fast","max_tokens":64,\
          "messages":[{"role":"user","content":"Say %d"}]}}\
          """
              .formatted(i, i));
    }
    batch =
        id(
            client.posted(
                "/v1/messages/batches", "{\"requests\":[" + String.join(",", requests) + "]}"));
    await("a call of /told", () -> !receiver.calls("/told").isEmpty());
    await(
        "some lines",
        () ->
            client.read("/v1/messages/batches/" + batch).at("/request_counts/succeeded").asInt()
                > 0);
  }

  private static void beginsWhatIsWaitedFor() throws Exception {
    halfSent = client.halfAPart(upload, SECOND_HALF);
    later = id(client.posted("/v1/jobs", job("slow", "later", receiver.url("/later"))));
    polling = client.begin(client.request("/v1/jobs/" + later + "?wait=30").build());
    waiting = client.begin(client.posting("/v1/chat/completions", chat("waiting"), key("waiting")));
    preferring =
        client.begin(
            client.posting(
                "/v1/jobs",
                job("slow", "preferring", receiver.url("/preferring")),
                "Prefer",
                "wait=30",
                "Idempotency-Key",
                "preferring"));
    chat = EventReader.open(client, client.posting("/v1/chat/completions", streamed("chat")));
    messages =
        EventReader.open(
            client,
            client.posting("/v1/messages", streamed("messages"), "x-sluice-tags", "flow=messages"));
    String watched = id(client.posted("/v1/jobs", streamed("events")));
    events = EventReader.open(client, client.request("/v1/jobs/" + watched + "/events").build());
  }

  /// Whether every stream has shown a part and every job that is waited for runs.
  private static boolean underWay() throws Exception {
    return chat.events().size() > 2
        && messages.events().size() > 3
        && events.events().stream().anyMatch(event -> event.name().equals("job.delta"))
        && client.read("/v1/jobs?status=running&tag.flow=later").path("data").size() == 1
        && client.read("/v1/jobs?status=running&tag.flow=waiting").path("data").size() == 1
        && client.read("/v1/jobs?status=running&tag.flow=preferring").path("data").size() == 1;
  }

  @AfterAll
  static void stops() throws IOException {
    client.close();
    halfSent.close();
    sluice.close();
    receiver.close();
  }

  @Test
  void aChatStreamBreaksOffAndItsJobGivesEveryPartOnce() throws Exception {
    assertTrue(chat.broke(), "a stream that was cut must not look finished");
    assertTrue(chat.events().stream().noneMatch(event -> event.data().equals("[DONE]")));
    String id = chat.header("x-request-id");
    JsonNode job = ended(id);

    StringBuilder text = new StringBuilder();
    for (JsonNode part : lastAttempt(replay(id, 0))) {
      text.append(part.at("/choices/0/delta/content").asString(""));
    }
    assertEquals(job.at("/result/choices/0/message/content").asString(), text.toString());
    assertEquals(2, job.path("attempts").size(), job::toString);
    assertChargedOnce("chat", List.of(job));
  }

  @Test
  void aMessagesStreamBreaksOffAndItsJobGivesEveryPartOnce() throws Exception {
    assertTrue(messages.broke(), "a stream that was cut must not look finished");
    assertTrue(messages.events().stream().noneMatch(event -> event.name().equals("message_stop")));
    String id = messages.header("request-id");
    JsonNode job = ended(id);

    List<JsonNode> parts = lastAttempt(replay(id, 0));
    StringBuilder text = new StringBuilder();
    parts.forEach(part -> text.append(part.at("/delta/text").asString("")));
    assertEquals("message_start", parts.getFirst().path("type").asString());
    assertEquals("message_stop", parts.getLast().path("type").asString());
    assertEquals(job.at("/result/content/0/text").asString(), text.toString());
    assertChargedOnce("messages", List.of(job));
  }

  @Test
  void aReaderOfEventsGoesOnAfterTheLastOneItSaw() throws Exception {
    assertTrue(events.broke());
    List<EventReader.Event> seen = new ArrayList<>(events.events());
    String id = JsonMapper.shared().readTree(seen.getFirst().data()).path("id").asString();
    JsonNode job = ended(id);

    seen.addAll(replay(id, seen.getLast().number()));

    for (int i = 0; i < seen.size(); i++) {
      assertEquals(i + 1, seen.get(i).number(), "each number once, in order");
    }
    assertEquals(replay(id, 0), seen);
    assertEquals("job.succeeded", seen.getLast().name());
    assertChargedOnce("events", List.of(job));
  }

  @Test
  void callsAndPollsThatWaitedFindTheirJobs() throws Exception {
    for (CompletableFuture<HttpResponse<String>> call : List.of(waiting, preferring, polling)) {
      CompletionException failed = assertThrows(CompletionException.class, call::join);
      assertInstanceOf(IOException.class, failed.getCause());
    }
    JsonNode answer = client.posted("/v1/chat/completions", chat("waiting"), key("waiting"));
    JsonNode repeated =
        client.posted(
            "/v1/jobs",
            job("slow", "preferring", receiver.url("/preferring")),
            "Prefer",
            "wait=30",
            "Idempotency-Key",
            "preferring");

    JsonNode waited = ended(only("waiting"));
    assertEquals(waited.path("result"), answer);
    assertEquals("succeeded", repeated.path("status").asString(), repeated::toString);
    assertEquals(only("preferring"), id(repeated));
    JsonNode polled = client.read("/v1/jobs/" + later + "?wait=30");
    assertEquals("succeeded", polled.path("status").asString(), polled::toString);
    assertChargedOnce("waiting", List.of(waited));
    assertChargedOnce("preferring", List.of(repeated));
    assertChargedOnce("later", List.of(polled));
  }

  @Test
  void aMessageBatchAnswersEveryRequestOnce() throws Exception {
    String path = "/v1/messages/batches/" + batch;
    await("the end of " + batch, () -> client.read(path).path("ended_at").isString());
    JsonNode ended = client.read(path);
    assertEquals(LINES, ended.at("/request_counts/succeeded").asInt(), ended::toString);

    List<String> results = client.get(path + "/results").body().lines().toList();
    Set<String> customIds = new HashSet<>();
    Set<String> messageIds = new HashSet<>();
    for (String line : results) {
      JsonNode result = JsonMapper.shared().readTree(line);
      customIds.add(result.path("custom_id").asString());
      messageIds.add(result.at("/result/message/id").asString());
    }
    assertEquals(LINES, results.size());
    assertEquals(LINES, customIds.size());
    assertEquals(LINES, messageIds.size());
    await("charges of " + batch, () -> charge("batch", batch).path("jobs").asInt() >= LINES);
    List<JsonNode> jobs = new ArrayList<>();
    for (String id : messageIds) {
      jobs.add(client.read("/v1/jobs/" + id));
    }
    assertCharged(charge("batch", batch), jobs);
  }

  @Test
  void anUploadGoesOnWithThePartThatWasHalfSent() throws Exception {
    String second = client.part(upload, SECOND_HALF);

    JsonNode done =
        client.posted(
            "/v1/uploads/" + upload + "/complete",
            "{\"part_ids\":[\"%s\",\"%s\"]}".formatted(firstPart, second));

    assertEquals("completed", done.path("status").asString());
    String file = done.at("/file/id").asString();
    assertEquals(FIRST_HALF + SECOND_HALF, client.get("/v1/files/" + file + "/content").body());
  }

  @Test
  void everyEventIsCalledBackAndARepeatHasTheSameId() throws Exception {
    for (String path : List.of("/told", "/later", "/preferring")) {
      await("delivery to " + path, () -> receiver.calls(path).size() >= expected(path));
    }
    assertEquals(told, subject("/told"));
    assertEquals(later, subject("/later"));
    assertEquals(only("preferring"), subject("/preferring"));
    for (String job : List.of(told, later)) {
      await(
          "the delivery of " + job,
          () ->
              client
                  .read("/v1/jobs/" + job + "/deliveries")
                  .at("/data/0/status")
                  .asString("")
                  .equals("delivered"));
    }
    assertChargedOnce("told", List.of(ended(told)));
  }

  /// The call that was under way when Sluice was killed is made again.
  private static int expected(String path) {
    return path.equals("/told") ? 2 : 1;
  }

  /// The one job that all calls of a path are about, with one webhook id.
  private static String subject(String path) {
    return receiver.onlyEvent(path).at("/data/id").asString();
  }

  private static List<EventReader.Event> replay(String id, int after) throws Exception {
    EventReader reader =
        EventReader.open(
            client,
            client
                .request("/v1/jobs/" + id + "/events")
                .header("Last-Event-ID", Integer.toString(after))
                .build());
    assertFalse(reader.broke());
    return reader.events();
  }

  /// What the attempt said that came last, each part once.
  private static List<JsonNode> lastAttempt(List<EventReader.Event> events) {
    List<JsonNode> parts = new ArrayList<>();
    for (EventReader.Event event : events) {
      if (event.name().equals("attempt.restarted")) {
        parts.clear();
      } else if (event.name().equals("job.delta")) {
        parts.add(JsonMapper.shared().readTree(event.data()).path("delta"));
      }
    }
    return parts;
  }

  private static JsonNode ended(String id) throws Exception {
    JsonNode job = client.read("/v1/jobs/" + id + "?wait=30");
    assertEquals("succeeded", job.path("status").asString(), job::toString);
    return job;
  }

  /// The one job of a flow.
  private static String only(String flow) throws Exception {
    JsonNode jobs = client.read("/v1/jobs?tag.flow=" + flow).path("data");
    assertEquals(1, jobs.size(), jobs::toString);
    return id(jobs.get(0));
  }

  private static void assertChargedOnce(String flow, List<JsonNode> jobs) throws Exception {
    await("charge of " + flow, () -> charge("flow", flow).path("jobs").asInt() >= jobs.size());
    assertCharged(charge("flow", flow), jobs);
  }

  private static void assertCharged(JsonNode charge, List<JsonNode> jobs) {
    BigDecimal told = BigDecimal.ZERO;
    for (JsonNode job : jobs) {
      told = told.add(new BigDecimal(job.at("/cost/charged_usd").asString()));
    }
    assertEquals(jobs.size(), charge.path("jobs").asInt(), charge::toString);
    assertEquals(
        0, told.compareTo(new BigDecimal(charge.path("charged_usd").asString())), charge::toString);
  }

  /// What is charged for the jobs with a tag.
  private static JsonNode charge(String tag, String value) throws Exception {
    for (JsonNode group : client.read("/v1/costs?by=tag." + tag).path("data")) {
      if (group.path("tag." + tag).asString("").equals(value)) {
        return group;
      }
    }
    return JsonMapper.shared().createObjectNode();
  }

  private static String id(JsonNode node) {
    return node.path("id").asString();
  }

  private static String[] key(String key) {
    return new String[] {"Idempotency-Key", key};
  }

  private static String chat(String flow) {
    return """
    {"model":"slow","metadata":{"flow":"%1$s"},\
    "messages":[{"role":"user","content":"Say %1$s"}]}\
    """
        .formatted(flow);
  }

  private static String streamed(String flow) {
    String fields =
        switch (flow) {
          case "messages" -> "\"max_tokens\":256";
          case "events" -> "\"tags\":{\"flow\":\"events\"}";
          default -> "\"metadata\":{\"flow\":\"%s\"}".formatted(flow);
        };
    return """
    {"model":"slow","stream":true,%2$s,"messages":[{"role":"user","content":"Say %1$s"}]}\
    """
        .formatted(flow, fields);
  }

  private static String job(String model, String flow, String callbackUrl) {
    return """
    {"model":"%1$s","tags":{"flow":"%2$s"},"callback_url":"%3$s",\
    "messages":[{"role":"user","content":"Say %2$s"}]}\
    """
        .formatted(model, flow, callbackUrl);
  }

  private static void await(String what, Callable<Boolean> condition) throws Exception {
    Eventually.await(what, LIMIT, condition);
  }
}
