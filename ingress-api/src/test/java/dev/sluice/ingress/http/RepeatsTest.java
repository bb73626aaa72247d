package dev.sluice.ingress.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.avro.AttemptError;
import dev.sluice.contract.avro.FailureCause;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.JobStatus;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.IngressConfig;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What a request says of being a repeat, and what its caller hears of the writer's decision.
class RepeatsTest {
  private static final String JOBS = "/v1/jobs";
  private static final String CHAT = "/v1/chat/completions";
  private static final String BODY =
      "{\"model\":\"fast\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

  private static final IngressConfig.Timing HASTY =
      new IngressConfig.Timing(
          Duration.ofMinutes(1),
          Duration.ofHours(1),
          Duration.ofSeconds(1),
          Duration.ofSeconds(1),
          Duration.ofSeconds(5),
          Duration.ofSeconds(5),
          Duration.ofSeconds(1));

  @RegisterExtension final HttpFixture fixture = new HttpFixture(HASTY);

  private Submission submitted(String path, String body, String... headers) throws Exception {
    HttpResponse<String> response = fixture.post(path, body, headers);
    assertEquals(202, response.statusCode(), response.body());
    return fixture.log.takeSubmission();
  }

  @Test
  void aKeyAndTheRequestsDigestTravelWithTheJob() throws Exception {
    Submission bare = submitted(JOBS, BODY, "Idempotency-Key", "order-7");
    Submission quoted = submitted(JOBS, BODY, "Idempotency-Key", "\"order-7\"");
    Submission other = submitted(JOBS, BODY.replace("hi", "ho"), "Idempotency-Key", "order-7");

    assertEquals("order-7", bare.getIdempotencyKey());
    assertEquals("order-7", quoted.getIdempotencyKey());
    assertEquals(16, bare.getFingerprint().remaining());
    assertEquals(bare.getFingerprint(), quoted.getFingerprint());
    assertNotEquals(bare.getFingerprint(), other.getFingerprint());
  }

  @Test
  void theKeyMayStandInTheBody() throws Exception {
    String body = BODY.replace("{\"model\"", "{\"idempotency_key\":\"k\",\"model\"");

    Submission submission = submitted(JOBS, body);

    assertEquals("k", submission.getIdempotencyKey());
    assertEquals(400, fixture.post(JOBS, body, "Idempotency-Key", "other").statusCode());
  }

  @Test
  void onlyAnSdksOwnRetryIsMarkedAsOne() throws Exception {
    Submission first =
        submitted(CHAT, BODY, "Prefer", "respond-async", "X-Stainless-Retry-Count", "0");
    Submission retry =
        submitted(CHAT, BODY, "Prefer", "respond-async", "X-Stainless-Retry-Count", "1");
    Submission plain = submitted(CHAT, BODY, "Prefer", "respond-async");

    assertFalse(first.getRetry());
    assertTrue(retry.getRetry());
    assertFalse(plain.getRetry());
    assertNull(retry.getIdempotencyKey());
    assertEquals(first.getFingerprint(), retry.getFingerprint());
  }

  @Test
  void withAKeyNothingIsPromisedBeforeTheWriterHasSpoken() throws Exception {
    fixture.log.admits = false;

    HttpResponse<String> response = fixture.post(JOBS, BODY, "Idempotency-Key", "k");

    assertEquals(503, response.statusCode(), response.body());
    assertTrue(response.headers().firstValue("retry-after").isPresent());
    assertEquals(202, fixture.post(JOBS, BODY).statusCode());
  }

  @Test
  void anotherRequestUnderATakenKeyIsRefused() throws Exception {
    fixture.log.admits = false;
    CompletableFuture<HttpResponse<String>> waiting =
        fixture.posted(CHAT, BODY, "Idempotency-Key", "k");
    JobId id = JobId.parse(fixture.log.takeSubmission().getJobId()).orElseThrow();

    fixture.log.finish(id, conflict(id));

    assertEquals(422, waiting.get().statusCode());
    assertTrue(waiting.get().body().contains("idempotency_key_reused"), waiting.get().body());
  }

  @Test
  void aJobThatIsRefusedForItsKeyIsNotAccepted() throws Exception {
    fixture.log.admits = false;
    CompletableFuture<HttpResponse<String>> posted =
        fixture.posted(JOBS, BODY, "Idempotency-Key", "k");
    JobId id = JobId.parse(fixture.log.takeSubmission().getJobId()).orElseThrow();

    fixture.log.finish(id, conflict(id));

    assertEquals(422, posted.get().statusCode(), posted.get().body());
  }

  private static JobResult conflict(JobId id) {
    JobResult result = MemoryLog.result(id, JobStatus.FAILED, "");
    AttemptError error = new AttemptError();
    error.setCode("idempotency_key_reused");
    error.setCause(FailureCause.REFUSED);
    error.setMessage("this idempotency key belongs to another request");
    result.setError(error);
    return result;
  }
}
