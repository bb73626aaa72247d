package dev.sluice.ingress.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.avro.AttemptError;
import dev.sluice.contract.avro.FailureCause;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.JobStatus;
import dev.sluice.contract.avro.PriorityClass;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.model.JobId;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ResponsesTest {
  private static final String RESPONSES = "/v1/responses";
  private static final String ASKED =
      "{\"model\":\"fast\",\"input\":\"hi\",\"metadata\":{\"team\":\"red\"},"
          + "\"temperature\":0.50,\"instructions\":\"be kind\"";
  private static final String PLAIN = ASKED + "}";
  private static final String BACKGROUND = ASKED + ",\"background\":true}";

  @RegisterExtension final HttpFixture fixture = new HttpFixture();

  @Test
  void answersAWaitingCallWithTheResponseAsItCame() throws Exception {
    CompletableFuture<HttpResponse<String>> call = fixture.posted(RESPONSES, PLAIN);
    Submission submission = fixture.log.takeSubmission();
    finish(idOf(submission), "{\"object\":\"response\",  \"output\":[]}");

    assertEquals("{\"object\":\"response\",  \"output\":[]}", call.get().body());
    assertEquals(PLAIN, body(submission));
    assertEquals(PriorityClass.INTERACTIVE, submission.getPriority());
    assertEquals("red", submission.getTags().get("team"));
  }

  @Test
  void answersABackgroundRequestAtOnceWithTheResponseAsAsked() throws Exception {
    HttpResponse<String> response = fixture.post(RESPONSES, BACKGROUND);

    Submission submission = fixture.log.takeSubmission();
    JsonNode seen = json(response);
    assertEquals(200, response.statusCode());
    assertEquals(idOf(submission).text("resp_"), seen.get("id").asString());
    assertEquals("response", seen.get("object").asString());
    assertEquals("queued", seen.get("status").asString());
    assertTrue(seen.get("background").asBoolean());
    assertEquals("fast", seen.get("model").asString());
    assertEquals("red", seen.at("/metadata/team").asString());
    assertTrue(response.body().contains("\"temperature\":0.50"), response.body());
    assertEquals("be kind", seen.get("instructions").asString());
    assertEquals("[]", seen.get("output").toString());
    assertTrue(seen.get("error").isNull());
    assertTrue(seen.get("usage").isNull());
    assertFalse(submission.getAttached());
    assertEquals(PriorityClass.STANDARD, submission.getPriority());
  }

  @Test
  void showsHowABackgroundResponseStands() throws Exception {
    JobId id = background();
    String path = RESPONSES + "/" + id.text("resp_");

    assertEquals("queued", json(fixture.get(path)).get("status").asString());
    fixture.log.state(id, 2, JobStatus.RUNNING);
    assertEquals("in_progress", json(fixture.get(path)).get("status").asString());
    finish(id, "{\"status\":\"incomplete\",  \"output\":[]}");
    assertEquals("{\"status\":\"incomplete\",  \"output\":[]}", fixture.get(path).body());
    assertEquals(200, fixture.get("/v1/jobs/" + id.text("resp_")).statusCode());
  }

  @Test
  void showsWhyABackgroundResponseFailed() throws Exception {
    JobId id = background();
    fixture.log.finish(id, failed(id, "provider_throttled"));

    JsonNode seen = json(fixture.get(RESPONSES + "/" + id.text("resp_")));

    assertEquals("failed", seen.get("status").asString());
    assertEquals("rate_limit_exceeded", seen.at("/error/code").asString());
    assertEquals("provider_throttled", seen.at("/error/type").asString());
    assertEquals("it failed", seen.at("/error/message").asString());
  }

  @Test
  void showsOnlyWhatIsTheTenantsAndStoredAndAResponse() throws Exception {
    JobId stored = background();
    CompletableFuture<HttpResponse<String>> call =
        fixture.posted(RESPONSES, ASKED + ",\"store\":false}");
    JobId unstored = idOf(fixture.log.takeSubmission());
    finish(unstored, "{}");
    call.get();
    fixture.post(
        "/v1/jobs", "{\"model\":\"fast\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}");
    JobId chat = idOf(fixture.log.takeSubmission());

    String path = RESPONSES + "/" + stored.text("resp_");
    assertEquals(200, fixture.get(path).statusCode());
    HttpResponse<String> foreign =
        fixture.get(path, "Authorization", "Bearer " + HttpFixture.FOREIGN);
    assertEquals(404, foreign.statusCode());
    assertTrue(foreign.body().contains("\"type\":\"invalid_request_error\""), foreign.body());
    assertEquals(404, fixture.get(RESPONSES + "/" + unstored.text("resp_")).statusCode());
    assertEquals(404, fixture.get(RESPONSES + "/" + chat.text("resp_")).statusCode());
    assertEquals(404, fixture.get(RESPONSES + "/resp_nonsense").statusCode());
  }

  @Test
  void streamsEventsUnderTheirNames() throws Exception {
    CompletableFuture<HttpResponse<String>> call =
        fixture.posted(RESPONSES, ASKED + ",\"stream\":true}");
    JobId id = idOf(fixture.log.takeSubmission());
    fixture.log.parts(id, 2, false, event("response.created", 0), event("response.completed", 1));
    finish(id, "{}");

    HttpResponse<String> response = call.get();

    assertEquals(
        "event: response.created\ndata: "
            + event("response.created", 0)
            + "\n\nevent: response.completed\ndata: "
            + event("response.completed", 1)
            + "\n\n",
        response.body());
    assertTrue(
        response.headers().firstValue("content-type").orElse("").startsWith("text/event-stream"));
  }

  @Test
  void endsABrokenStreamWithTheNextNumber() throws Exception {
    CompletableFuture<HttpResponse<String>> call =
        fixture.posted(RESPONSES, ASKED + ",\"stream\":true}");
    JobId id = idOf(fixture.log.takeSubmission());
    fixture.log.parts(id, 2, false, event("response.created", 0), event("x", 1));
    fixture.log.parts(id, 5, true, event("response.created", 0));

    String last = call.get().body().substring(call.get().body().lastIndexOf("event: "));

    assertTrue(last.startsWith("event: error\ndata: {\"type\":\"error\",\"sequence_number\":2,"));
    assertTrue(last.contains("\"code\":\"stream_interrupted\""), last);
    assertTrue(last.contains("\"param\":null"), last);
  }

  @Test
  void streamsAWholeAnswerAsEventsWhenTheProviderDidNotStream() throws Exception {
    CompletableFuture<HttpResponse<String>> call =
        fixture.posted(RESPONSES, ASKED + ",\"stream\":true}");
    JobId id = idOf(fixture.log.takeSubmission());
    finish(
        id,
        "{\"id\":\"resp_1\",\"status\":\"completed\",\"output\":[{\"id\":\"msg_1\",\"type\":\"message\","
            + "\"status\":\"completed\",\"content\":[{\"type\":\"output_text\",\"text\":\"ho\"}]}]}");

    String body = call.get().body();

    assertEquals(
        "response.created response.in_progress response.output_item.added"
            + " response.content_part.added response.output_text.delta response.output_text.done"
            + " response.content_part.done response.output_item.done response.completed",
        body.lines()
            .filter(line -> line.startsWith("event: "))
            .map(line -> line.substring(7))
            .reduce((a, b) -> a + " " + b)
            .orElse(""));
    assertTrue(body.contains("\"sequence_number\":8"), body);
    assertTrue(body.contains("\"delta\":\"ho\""), body);
  }

  @Test
  void streamsABackgroundResponseFromItsQueueOn() throws Exception {
    CompletableFuture<HttpResponse<String>> call =
        fixture.posted(RESPONSES, ASKED + ",\"background\":true,\"stream\":true}");
    JobId id = idOf(fixture.log.takeSubmission());
    fixture.log.parts(id, 2, false, event("response.created", 0), event("response.completed", 1));
    finish(id, "{}");

    String body = call.get().body();

    String queued = ",\"response\":{\"id\":\"" + id.text("resp_");
    assertTrue(body.startsWith("event: response.created\ndata: {\"type\":\"response.created\","));
    assertTrue(body.contains("\"sequence_number\":0" + queued), body);
    assertTrue(body.contains("event: response.queued\n"), body);
    assertTrue(body.contains("\"sequence_number\":1" + queued), body);
    assertTrue(body.endsWith("data: " + event("response.completed", 2) + "\n\n"), body);
  }

  @Test
  void resumesAStreamAfterAnyEvent() throws Exception {
    JobId id = background();
    fixture.log.state(id, 2, JobStatus.RUNNING);
    fixture.log.parts(id, 3, false, event("response.created", 0), event("x", 1));
    fixture.log.parts(id, 5, false, event("y", 2), event("response.completed", 3));
    finish(id, "{}");
    String path = RESPONSES + "/" + id.text("resp_") + "?stream=true";

    String all = fixture.get(path).body();
    assertEquals(5, all.lines().filter(line -> line.startsWith("event: ")).count(), all);
    assertEquals(all, fixture.get(path).body());
    assertEquals(
        "event: y\ndata: "
            + event("y", 3)
            + "\n\nevent: response.completed\ndata: "
            + event("response.completed", 4)
            + "\n\n",
        withoutComments(fixture.get(path + "&starting_after=2").body()));
    assertEquals("", withoutComments(fixture.get(path + "&starting_after=4").body()));
  }

  @Test
  void numbersEventsTheSameWhenTheRequestIsNoLongerKept() throws Exception {
    JobId id = background();
    fixture.log.parts(id, 2, false, event("response.created", 0), event("response.completed", 1));
    finish(id, "{\"background\":true,\"output\":[]}");
    String path = RESPONSES + "/" + id.text("resp_") + "?stream=true&starting_after=1";

    String before = fixture.get(path).body();
    fixture.log.forgetRequest(id);

    assertTrue(before.contains(event("response.completed", 2)), before);
    assertEquals(before, fixture.get(path).body());
  }

  @Test
  void goesOnWithWhatHappensAfterAResume() throws Exception {
    JobId id = background();
    fixture.log.parts(id, 2, false, event("response.created", 0));
    CompletableFuture<HttpResponse<String>> reader =
        fixture.getting(RESPONSES + "/" + id.text("resp_") + "?stream=true&starting_after=1");
    while (fixture.log.watchers(id) == 0) {
      Thread.onSpinWait();
    }
    fixture.log.parts(id, 3, false, event("response.completed", 1));
    finish(id, "{}");

    assertEquals(
        "event: response.completed\ndata: " + event("response.completed", 2) + "\n\n",
        withoutComments(reader.get().body()));
  }

  @Test
  void showsAfterARestartOnlyTheAttemptThatAnsweredUnderNumbersOfItsOwn() throws Exception {
    JobId id = background();
    fixture.log.parts(id, 2, false, event("response.created", 0), event("lost", 1));
    fixture.log.parts(id, 5, true, event("response.created", 0), event("response.completed", 1));
    JobResult result = MemoryLog.result(id, JobStatus.SUCCEEDED, "{}");
    result.setClaimId(22);
    fixture.log.finish(id, result);
    String path = RESPONSES + "/" + id.text("resp_") + "?stream=true";

    String all = fixture.get(path).body();
    assertFalse(all.contains("lost"), all);
    String ofTheSecond =
        "event: response.created\ndata: "
            + event("response.created", 3)
            + "\n\nevent: response.completed\ndata: "
            + event("response.completed", 4)
            + "\n\n";
    assertTrue(all.endsWith(ofTheSecond), all);
    assertEquals(ofTheSecond, withoutComments(fixture.get(path + "&starting_after=2").body()));
  }

  @Test
  void endsTheStreamOfAFailedResponseWithATypedError() throws Exception {
    JobId id = background();
    fixture.log.finish(id, failed(id, "provider_down"));

    HttpResponse<String> response =
        fixture.get(RESPONSES + "/" + id.text("resp_") + "?stream=true");

    assertEquals(200, response.statusCode());
    assertTrue(response.body().contains("event: error\n"), response.body());
    assertTrue(response.body().contains("\"code\":\"provider_down\""), response.body());
    assertTrue(response.body().contains("\"sequence_number\":2"), response.body());
  }

  @Test
  void cancelsABackgroundResponse() throws Exception {
    JobId id = background();
    String path = RESPONSES + "/" + id.text("resp_") + "/cancel";

    HttpResponse<String> response = cancel(path);

    assertEquals(200, response.statusCode());
    assertEquals("cancelled", json(response).get("status").asString());
    assertEquals("cancelled", json(cancel(path)).get("status").asString());
    assertEquals(1, fixture.log.commands.size());
  }

  @Test
  void cancelsNothingThatACallerWaitsFor() throws Exception {
    CompletableFuture<HttpResponse<String>> call = fixture.posted(RESPONSES, PLAIN);
    JobId id = idOf(fixture.log.takeSubmission());

    HttpResponse<String> response = cancel(RESPONSES + "/" + id.text("resp_") + "/cancel");

    assertEquals(400, response.statusCode());
    assertTrue(response.body().contains("not_cancellable"), response.body());
    assertTrue(fixture.log.commands.isEmpty());
    finish(id, "{}");
    call.get();
  }

  @Test
  void deletesForEverySurface() throws Exception {
    JobId id = background();
    String path = RESPONSES + "/" + id.text("resp_");

    HttpResponse<String> response = fixture.send(fixture.request(path).DELETE().build());

    assertEquals(
        "{\"id\":\"" + id.text("resp_") + "\",\"object\":\"response\",\"deleted\":true}",
        response.body());
    assertEquals(404, fixture.get(path).statusCode());
    assertEquals(404, fixture.get(path + "?stream=true").statusCode());
    assertEquals(404, fixture.get(path + "/input_items").statusCode());
    assertEquals(404, fixture.get("/v1/jobs/" + id.text()).statusCode());
    assertEquals(400, continuing(id).statusCode());
  }

  @Test
  void continuesAConversationWithAllThatWasSaidBefore() throws Exception {
    CompletableFuture<HttpResponse<String>> first = fixture.posted(RESPONSES, PLAIN);
    JobId id = idOf(fixture.log.takeSubmission());
    finish(id, "{\"status\":\"completed\",\"output\":[{\"type\":\"message\",\"n\":1.50}]}");
    first.get();
    CompletableFuture<HttpResponse<String>> second =
        fixture.posted(
            RESPONSES,
            "{\"model\":\"fast\",\"input\":[{\"role\":\"user\",\"content\":\"and?\"}],"
                + "\"previous_response_id\":\""
                + id.text("resp_")
                + "\"}");
    Submission submission = fixture.log.takeSubmission();
    finish(
        idOf(submission), "{\"status\":\"completed\",\"output\":[{\"type\":\"message\",\"n\":2}]}");
    second.get();
    fixture.posted(
        RESPONSES,
        "{\"model\":\"fast\",\"input\":\"so\",\"background\":true,\"previous_response_id\":\""
            + idOf(submission).text("resp_")
            + "\"}");

    assertEquals(
        "{\"model\":\"fast\",\"previous_response_id\":\""
            + id.text("resp_")
            + "\",\"input\":[{\"type\":\"message\",\"role\":\"user\",\"content\":\"hi\"},"
            + "{\"type\":\"message\",\"n\":1.50},{\"role\":\"user\",\"content\":\"and?\"}]}",
        body(submission));
    String third = body(fixture.log.takeSubmission());
    assertTrue(
        third.contains(
            "{\"role\":\"user\",\"content\":\"and?\"},{\"type\":\"message\",\"n\":2},"
                + "{\"type\":\"message\",\"role\":\"user\",\"content\":\"so\"}]"),
        third);
  }

  @Test
  void continuesOnlyWhatTheTenantHasCompletedAndStored() throws Exception {
    JobId running = background();
    JobId failed = background();
    fixture.log.finish(failed, failed(failed, "provider_down"));
    JobId forgotten = background();
    finish(forgotten, "{\"status\":\"completed\",\"output\":[]}");
    fixture.log.forgetRequest(forgotten);
    JobId foreign = background();
    finish(foreign, "{\"status\":\"completed\",\"output\":[]}");

    for (JobId id : new JobId[] {running, failed, forgotten}) {
      HttpResponse<String> response = continuing(id);
      assertEquals(400, response.statusCode());
      assertTrue(response.body().contains("\"code\":\"previous_response_not_found\""));
      assertTrue(response.body().contains("\"param\":\"previous_response_id\""));
      assertTrue(response.body().contains("\"type\":\"invalid_request_error\""));
    }
    HttpResponse<String> others =
        fixture.post(
            RESPONSES,
            "{\"model\":\"fast\",\"input\":\"so\",\"previous_response_id\":\""
                + foreign.text("resp_")
                + "\"}",
            "Authorization",
            "Bearer " + HttpFixture.FOREIGN);
    assertEquals(400, others.statusCode());
    assertTrue(others.body().contains("previous_response_not_found"), others.body());
  }

  @Test
  void listsInputItemsInPages() throws Exception {
    fixture.post(
        RESPONSES,
        "{\"model\":\"fast\",\"background\":true,\"input\":[{\"role\":\"user\",\"content\":\"a\"},"
            + "{\"role\":\"assistant\",\"content\":\"b\"},"
            + "{\"type\":\"function_call_output\",\"id\":\"fc_1\",\"call_id\":\"c\",\"output\":\"{}\"}]}");
    JobId id = idOf(fixture.log.takeSubmission());
    String path = RESPONSES + "/" + id.text("resp_") + "/input_items";

    JsonNode newest = json(fixture.get(path + "?limit=2"));
    JsonNode rest = json(fixture.get(path + "?limit=2&after=" + newest.get("last_id").asString()));
    JsonNode oldest = json(fixture.get(path + "?order=asc"));

    assertEquals("list", newest.get("object").asString());
    assertEquals("fc_1", newest.get("first_id").asString());
    assertTrue(newest.get("has_more").asBoolean());
    assertEquals("output_text", newest.at("/data/1/content/0/type").asString());
    assertFalse(rest.get("has_more").asBoolean());
    assertEquals("a", rest.at("/data/0/content/0/text").asString());
    assertEquals("message", rest.at("/data/0/type").asString());
    assertEquals(3, oldest.get("data").size());
    assertEquals("fc_1", oldest.get("last_id").asString());
    assertEquals(400, fixture.get(path + "?order=up").statusCode());
    assertEquals(400, fixture.get(path + "?limit=0").statusCode());
    assertEquals(400, fixture.get(path + "?after=gone").statusCode());
  }

  @Test
  void givesTheJobInsteadWhenAsked() throws Exception {
    HttpResponse<String> response = fixture.post(RESPONSES, BACKGROUND, "Prefer", "respond-async");

    assertEquals(202, response.statusCode());
    assertEquals("job", json(response).get("object").asString());
    assertEquals("/v1/responses", json(response).get("endpoint").asString());
  }

  private JobId background() throws Exception {
    assertEquals(200, fixture.post(RESPONSES, BACKGROUND).statusCode());
    return idOf(fixture.log.takeSubmission());
  }

  private HttpResponse<String> continuing(JobId id) throws Exception {
    return fixture.post(
        RESPONSES,
        "{\"model\":\"fast\",\"input\":\"so\",\"previous_response_id\":\""
            + id.text("resp_")
            + "\"}");
  }

  private HttpResponse<String> cancel(String path) throws Exception {
    return fixture.send(fixture.request(path).POST(HttpRequest.BodyPublishers.noBody()).build());
  }

  private void finish(JobId id, String body) {
    fixture.log.finish(id, MemoryLog.result(id, JobStatus.SUCCEEDED, body));
  }

  private static JobResult failed(JobId id, String code) {
    AttemptError error = new AttemptError();
    error.setCode(code);
    error.setCause(FailureCause.DOWN);
    error.setMessage("it failed");
    error.setProviderStatus(502);
    JobResult result = MemoryLog.result(id, JobStatus.FAILED, "");
    result.setError(error);
    return result;
  }

  private static String event(String type, int number) {
    return "{\"type\":\"" + type + "\",\"sequence_number\":" + number + ",\"x\":1.50}";
  }

  private static String withoutComments(String stream) {
    return stream.replaceAll("(?m)^: .*\n\n", "");
  }

  private static JsonNode json(HttpResponse<String> response) {
    return JsonMapper.shared().readTree(response.body());
  }

  private static JobId idOf(Submission submission) {
    return JobId.parse(submission.getJobId()).orElseThrow();
  }

  private static String body(Submission submission) {
    return StandardCharsets.UTF_8.decode(submission.getBody().duplicate()).toString();
  }
}
