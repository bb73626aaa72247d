package dev.sluice.ingress.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.avro.CacheOutcome;
import dev.sluice.contract.avro.CacheWish;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.JobStatus;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.model.JobId;
import java.math.BigDecimal;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What a request says of answers that are given again, and what its caller is shown of one.
class KeptAnswersTest {
  private static final String JOBS = "/v1/jobs";
  private static final String CHAT = "/v1/chat/completions";
  private static final String HEADER = "x-sluice-cache";
  private static final String BODY =
      "{\"model\":\"fast\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
  private static final String ANSWER =
      "{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,"
          + "\"message\":{\"role\":\"assistant\",\"content\":\"ho\"},\"finish_reason\":\"stop\"}]}";

  @RegisterExtension final HttpFixture http = new HttpFixture();

  private CacheWish wished(String path, String body, String... headers) throws Exception {
    HttpResponse<String> response = http.post(path, body, headers);
    assertEquals(202, response.statusCode(), response.body());
    return http.log.takeSubmission().getCache();
  }

  private static String job(String cache) {
    return BODY.replace("{\"model\"", "{\"cache\":" + cache + ",\"model\"");
  }

  @Test
  void aWishTravelsWithTheJob() throws Exception {
    CacheWish plain = wished(JOBS, job("{}"));
    CacheWish refresh = wished(JOBS, job("{\"mode\":\"refresh\",\"ttl\":60}"));
    CacheWish header = wished(CHAT, BODY, HEADER, "use, ttl=60", "Prefer", "respond-async");

    assertEquals("use", plain.getMode());
    assertEquals(Duration.ofHours(1).toMillis(), plain.getTtlMs());
    assertEquals("refresh", refresh.getMode());
    assertEquals(60_000, refresh.getTtlMs());
    assertEquals("use", header.getMode());
    assertEquals(60_000, header.getTtlMs());
    assertEquals(plain.getFingerprint(), header.getFingerprint(), "the same request either way");
    assertEquals(16, plain.getFingerprint().remaining());
    CacheWish other = wished(JOBS, job("{}").replace("hi", "ho"));
    assertNotEquals(plain.getFingerprint(), other.getFingerprint());
  }

  @Test
  void nothingIsAskedForUnlessSomebodyDoes() throws Exception {
    assertNull(wished(JOBS, BODY));
    assertNull(wished(JOBS, job("null")));
    assertEquals("off", wished(JOBS, job("{\"mode\":\"off\"}")).getMode());
    String response = "{\"model\":\"fast\",\"input\":\"hi\",\"cache\":{}}";
    assertEquals("off", wished(JOBS, response).getMode(), "responses have state");
  }

  @Test
  void aHeaderThatCannotBeReadIsRefused() throws Exception {
    assertEquals(400, http.post(CHAT, BODY, HEADER, "perhaps").statusCode());
    assertEquals(400, http.post(CHAT, BODY, HEADER, "use, ttl=0").statusCode());
    assertEquals(400, http.post(JOBS, job("{}"), HEADER, "off").statusCode());
  }

  /// A job that ended with its own answer.
  private JobId first() throws Exception {
    CompletableFuture<HttpResponse<String>> call = http.posted(CHAT, BODY, HEADER, "use");
    Submission submission = http.log.takeSubmission();
    JobId id = JobId.parse(submission.getJobId()).orElseThrow();
    JobResult result = MemoryLog.result(id, JobStatus.SUCCEEDED, ANSWER);
    result.setCache(new CacheOutcome("miss", null, 0L, null));
    http.log.finish(id, result);
    HttpResponse<String> answer = call.get();
    assertEquals("miss", answer.headers().firstValue(HEADER).orElse(""));
    assertTrue(answer.headers().firstValue("age").isEmpty());
    return id;
  }

  private JobId given(JobId first) throws Exception {
    JobId id = JobId.parse(http.log.takeSubmission().getJobId()).orElseThrow();
    JobResult hit = MemoryLog.result(id, JobStatus.SUCCEEDED, "");
    hit.setResult(null);
    hit.setCache(new CacheOutcome("hit", first.text(), 7_500L, new BigDecimal("0.000002000000")));
    http.log.finish(id, hit);
    return id;
  }

  @Test
  void aCallerIsGivenTheFirstAnswerAndToldSo() throws Exception {
    JobId first = first();
    CompletableFuture<HttpResponse<String>> call = http.posted(CHAT, BODY, HEADER, "use");
    JobId id = given(first);

    HttpResponse<String> answer = call.get();
    assertEquals(200, answer.statusCode(), answer.body());
    assertEquals(ANSWER, answer.body());
    assertEquals("hit", answer.headers().firstValue(HEADER).orElse(""));
    assertEquals("7", answer.headers().firstValue("age").orElse(""));

    JsonNode job = JsonMapper.shared().readTree(http.get(JOBS + "/" + id.text()).body());
    assertEquals(JsonMapper.shared().readTree(ANSWER), job.path("result"));
    assertEquals("hit", job.at("/cache/kind").asString());
    assertEquals(first.text(), job.at("/cache/answered_by").asString());
    assertEquals(7, job.at("/cache/age_seconds").asInt());
    assertEquals("0.000002", job.at("/cache/saved_usd").asString());
  }

  @Test
  void anAnswerThatIsGoneIsSaidToBe() throws Exception {
    CompletableFuture<HttpResponse<String>> call = http.posted(CHAT, BODY, HEADER, "use");
    given(JobId.create(java.time.Instant.now(), 0, 0, 7));

    assertEquals(404, call.get().statusCode(), call.get().body());
  }

  @Test
  void aStreamIsGivenTheFirstAnswerAsAStream() throws Exception {
    JobId first = first();
    String streamed = BODY.replace("{\"model\"", "{\"stream\":true,\"model\"");
    CompletableFuture<HttpResponse<String>> call = http.posted(CHAT, streamed, HEADER, "use");
    given(first);

    HttpResponse<String> answer = call.get();
    assertEquals("hit", answer.headers().firstValue(HEADER).orElse(""));
    assertTrue(answer.body().contains("\"content\":\"ho\""), answer.body());
    assertTrue(answer.body().endsWith("data: [DONE]\n\n"), answer.body());
  }
}
