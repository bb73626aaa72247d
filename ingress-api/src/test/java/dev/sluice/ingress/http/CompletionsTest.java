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
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompletionsTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final String HELLO =
      "{\"model\":\"fast\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"x\":1.50}";

  @RegisterExtension final HttpFixture fixture = new HttpFixture();

  @Test
  void answersAWaitingCallWithTheResultAsItCame() throws Exception {
    CompletableFuture<HttpResponse<String>> call =
        fixture.posted(
            CHAT,
            HELLO,
            "X-Stainless-Timeout",
            "30",
            "traceparent",
            "00-a-b-01",
            "x-sluice-tags",
            "team=red");
    Submission submission = fixture.log.takeSubmission();
    JobId id = JobId.parse(submission.getJobId()).orElseThrow();
    fixture.log.finish(id, MemoryLog.result(id, JobStatus.SUCCEEDED, "{\"answer\":  42}"));

    HttpResponse<String> response = call.get();

    assertEquals(200, response.statusCode());
    assertEquals("{\"answer\":  42}", response.body());
    assertEquals(id.text(), response.headers().firstValue("x-request-id").orElse(""));
    assertEquals(HELLO, StandardCharsets.UTF_8.decode(submission.getBody()).toString());
    assertEquals(PriorityClass.INTERACTIVE, submission.getPriority());
    assertTrue(submission.getAttached());
    assertEquals("red", submission.getTags().get("team"));
    assertEquals("00-a-b-01", fixture.log.traces.take().traceparent());
    assertEquals(
        Duration.ofSeconds(30),
        Duration.between(submission.getCreatedAt(), submission.getDeadline()));
  }

  @Test
  void streamsPartsOfOneAttemptAndEndsWithDone() throws Exception {
    CompletableFuture<HttpResponse<String>> call =
        fixture.posted(CHAT, HELLO.replace("\"x\"", "\"stream\":true,\"x\""));
    JobId id = JobId.parse(fixture.log.takeSubmission().getJobId()).orElseThrow();
    fixture.log.state(id, 2, JobStatus.RUNNING);
    fixture.log.parts(id, 3, false, "{\"a\":1}", "{\"a\":2}");
    fixture.log.parts(id, 4, false, "{\"a\":2}", "{\"a\":3}");
    fixture.log.finish(id, MemoryLog.result(id, JobStatus.SUCCEEDED, "{}"));

    HttpResponse<String> response = call.get();

    assertEquals(
        "data: {\"a\":1}\n\ndata: {\"a\":2}\n\ndata: {\"a\":3}\n\ndata: [DONE]\n\n",
        response.body());
    assertTrue(
        response.headers().firstValue("content-type").orElse("").startsWith("text/event-stream"));
  }

  @ParameterizedTest
  @CsvSource({"11, 0", "22, 1"})
  void asksForTheEndOfTheLogOnlyIfPartsMayBeMissing(long claim, int asked) throws Exception {
    CompletableFuture<HttpResponse<String>> call =
        fixture.posted(CHAT, HELLO.replace("\"x\"", "\"stream\":true,\"x\""));
    JobId id = JobId.parse(fixture.log.takeSubmission().getJobId()).orElseThrow();
    fixture.log.parts(id, 2, false, "{\"a\":1}", "[DONE]");
    JobResult result = MemoryLog.result(id, JobStatus.SUCCEEDED, "{}");
    result.setClaimId(claim);
    fixture.log.finish(id, result);

    assertEquals("data: {\"a\":1}\n\ndata: [DONE]\n\n", call.get().body());
    assertEquals(asked, fixture.log.settled.get());
  }

  @Test
  void endsAStreamWithATypedErrorWhenAnotherAttemptBegins() throws Exception {
    CompletableFuture<HttpResponse<String>> call =
        fixture.posted(CHAT, HELLO.replace("\"x\"", "\"stream\":true,\"x\""));
    JobId id = JobId.parse(fixture.log.takeSubmission().getJobId()).orElseThrow();
    fixture.log.parts(id, 2, false, "{\"a\":1}");
    fixture.log.parts(id, 4, true, "{\"b\":1}");

    String body = call.get().body();

    assertTrue(body.startsWith("data: {\"a\":1}\n\n"), body);
    assertTrue(body.contains("\"code\":\"stream_interrupted\""), body);
    assertFalse(body.contains("\"b\""), body);
    assertFalse(body.contains("[DONE]"), body);
  }

  @Test
  void answersAFailureBeforeTheFirstPartWithAStatus() throws Exception {
    CompletableFuture<HttpResponse<String>> call =
        fixture.posted(CHAT, HELLO.replace("\"x\"", "\"stream\":true,\"x\""));
    JobId id = JobId.parse(fixture.log.takeSubmission().getJobId()).orElseThrow();
    fixture.log.finish(id, failed(id, "provider_down", 502, null));

    HttpResponse<String> response = call.get();

    assertEquals(502, response.statusCode());
    assertTrue(response.body().contains("\"code\":\"provider_down\""), response.body());
    assertEquals("true", response.headers().firstValue("x-should-retry").orElse(""));
  }

  @Test
  void passesAProvidersRefusalOn() throws Exception {
    CompletableFuture<HttpResponse<String>> call = fixture.posted(CHAT, HELLO);
    JobId id = JobId.parse(fixture.log.takeSubmission().getJobId()).orElseThrow();
    String words = "{\"error\":{\"message\":\"no such tool\"}}";
    fixture.log.finish(id, failed(id, "provider_refused", 422, words));

    HttpResponse<String> response = call.get();

    assertEquals(422, response.statusCode());
    assertEquals(words, response.body());
  }

  @Test
  void streamsAWholeAnswerAsOneChunkWhenTheProviderDidNotStream() throws Exception {
    CompletableFuture<HttpResponse<String>> call =
        fixture.posted(CHAT, HELLO.replace("\"x\"", "\"stream\":true,\"x\""));
    JobId id = JobId.parse(fixture.log.takeSubmission().getJobId()).orElseThrow();
    String whole =
        "{\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":{\"content\":\"hi\"}}],"
            + "\"usage\":{\"total_tokens\":3}}";
    fixture.log.finish(id, MemoryLog.result(id, JobStatus.SUCCEEDED, whole));

    String body = call.get().body();

    assertTrue(body.contains("\"object\":\"chat.completion.chunk\""), body);
    assertTrue(body.contains("\"delta\":{\"content\":\"hi\"}"), body);
    assertTrue(body.endsWith("data: [DONE]\n\n"), body);
  }

  @Test
  void givesTheJobInsteadOfTheResultWhenAsked() throws Exception {
    HttpResponse<String> response = fixture.post(CHAT, HELLO, "Prefer", "respond-async");

    assertEquals(202, response.statusCode());
    assertEquals("respond-async", response.headers().firstValue("preference-applied").orElse(""));
    String id = fixture.log.takeSubmission().getJobId();
    assertEquals("/v1/jobs/" + id, response.headers().firstValue("location").orElse(""));
    assertTrue(response.body().contains("\"status\":\"queued\""), response.body());
  }

  @Test
  void asksForABodyThatWaitsToBeAskedFor() throws Exception {
    String answer =
        fixture.raw(
            "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
                + HttpFixture.KEY
                + "\r\nContent-Type: application/json\r\nContent-Length: 9\r\n"
                + "Expect: 100-continue\r\n\r\n");

    assertTrue(answer.startsWith("HTTP/1.1 100 Continue\r\n\r\n"), answer);
  }

  @Test
  void holdsManyWaitingCallersWithoutAThreadEach() throws Exception {
    long before = serverThreads();
    List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      calls.add(fixture.posted(CHAT, HELLO));
    }
    List<JobId> ids = new ArrayList<>();
    for (int i = 0; i < calls.size(); i++) {
      ids.add(JobId.parse(fixture.log.takeSubmission().getJobId()).orElseThrow());
    }

    long waiting = serverThreads();

    ids.forEach(id -> fixture.log.finish(id, MemoryLog.result(id, JobStatus.SUCCEEDED, "{}")));
    for (CompletableFuture<HttpResponse<String>> call : calls) {
      assertEquals(200, call.get().statusCode());
    }
    assertTrue(waiting - before < 20, before + " threads, then " + waiting);
  }

  @Test
  void tellsOfALogThatDoesNotConfirm() throws Exception {
    fixture.log.publishFailure = "TimeoutException";

    HttpResponse<String> response = fixture.post(CHAT, HELLO);

    assertEquals(503, response.statusCode());
    assertTrue(response.headers().firstValue("retry-after").isPresent());
    assertTrue(response.body().contains("may still run"), response.body());
  }

  @Test
  void takesNothingBeforeTheLogIsReached() throws Exception {
    fixture.log.ready = false;

    assertEquals(503, fixture.post(CHAT, HELLO).statusCode());
    assertTrue(fixture.log.submissions.isEmpty());
  }

  /// Platform threads that are not the test's own HTTP client.
  private static long serverThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> !thread.getName().startsWith("HttpClient"))
        .count();
  }

  private static JobResult failed(JobId id, String code, int status, String body) {
    AttemptError error = new AttemptError();
    error.setCode(code);
    error.setCause(FailureCause.DOWN);
    error.setMessage("it failed");
    error.setProviderStatus(status);
    if (body != null) {
      error.setBody(ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)));
    }
    JobResult result = MemoryLog.result(id, JobStatus.FAILED, "");
    result.setError(error);
    return result;
  }
}
