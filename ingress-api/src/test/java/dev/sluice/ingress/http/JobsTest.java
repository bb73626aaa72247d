package dev.sluice.ingress.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.avro.CostBucket;
import dev.sluice.contract.avro.JobStatus;
import dev.sluice.contract.avro.PriorityClass;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.core.QueuePlace;
import java.math.BigDecimal;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class JobsTest {
  private static final String MESSAGES = "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";
  private static final String JOB = "{\"model\":\"fast\"," + MESSAGES + "}";

  @RegisterExtension final HttpFixture fixture = new HttpFixture();

  private JobId submitted() throws Exception {
    return JobId.parse(fixture.log.takeSubmission().getJobId()).orElseThrow();
  }

  @Test
  void takesAJobAndPassesTheRequestOnByteForByte() throws Exception {
    String body =
        "{\"priority\":\"batch\", \"model\":\"fast\",\"temperature\": 0.70 ,\"deadline\":\"PT2H\","
            + MESSAGES
            + ",\"tags\":{\"team\":\"red\"},\"session\":\"s\",\"group\":\"g\",\"stop\":[\"a\\u00e9\"],\"max_tokens\":7"
            + " }";

    HttpResponse<String> response = fixture.post("/v1/jobs", body);

    assertEquals(202, response.statusCode(), response.body());
    Submission submission = fixture.log.takeSubmission();
    assertEquals(
        "{\"model\":\"fast\",\"temperature\":0.70,"
            + MESSAGES
            + ",\"stop\":[\"a\\u00e9\"],\"max_tokens\":7}",
        StandardCharsets.UTF_8.decode(submission.getBody()).toString());
    assertEquals(PriorityClass.BATCH, submission.getPriority());
    assertEquals("/v1/chat/completions", submission.getEndpoint());
    assertEquals(Map.of("team", "red"), submission.getTags());
    assertEquals("s", submission.getSession());
    assertEquals("g", submission.getGroup());
    assertEquals(7L, submission.getMaxOutputTokens());
    assertFalse(submission.getAttached());
    Duration left = Duration.between(submission.getCreatedAt(), submission.getDeadline());
    assertTrue(left.minusHours(2).abs().compareTo(Duration.ofSeconds(2)) < 0, left.toString());
  }

  @Test
  void takesAnEndpointWithItsBody() throws Exception {
    HttpResponse<String> response =
        fixture.post(
            "/v1/jobs",
            "{\"model\":\"fast\",\"body\":{\"input\": [\"a\"] },\"endpoint\":\"/v1/embeddings\"}");

    assertEquals(202, response.statusCode(), response.body());
    Submission submission = fixture.log.takeSubmission();
    assertEquals("/v1/embeddings", submission.getEndpoint());
    assertEquals(
        "{\"model\":\"fast\",\"input\": [\"a\"] }",
        StandardCharsets.UTF_8.decode(submission.getBody()).toString());
    assertEquals(PriorityClass.STANDARD, submission.getPriority());
  }

  @Test
  void showsEveryMemberOfTheContract() throws Exception {
    String body = fixture.post("/v1/jobs", JOB).body();

    for (String member :
        new String[] {
          "id", "object", "status", "priority", "model", "created_at", "started_at", "finished_at",
          "expires_at", "deadline", "attempts", "route", "cache", "usage", "cost", "error",
          "result", "status_url", "events_url", "cancel_url", "position", "eta_seconds", "quote"
        }) {
      assertTrue(body.contains("\"" + member + "\":"), member + " in " + body);
    }
  }

  @Test
  void waitsForTheEndWhenPreferred() throws Exception {
    CompletableFuture<HttpResponse<String>> call =
        fixture.posted("/v1/jobs", JOB, "Prefer", "wait=30");
    JobId id = submitted();
    fixture.log.finish(id, MemoryLog.result(id, JobStatus.SUCCEEDED, "{\"answer\":42}"));

    HttpResponse<String> response = call.get();

    assertEquals(200, response.statusCode());
    assertTrue(response.body().contains("\"result\":{\"answer\":42}"), response.body());
    assertEquals("wait=30", response.headers().firstValue("preference-applied").orElse(""));
  }

  @Test
  void answers202WhenTheEndDoesNotComeInTime() throws Exception {
    HttpResponse<String> response = fixture.post("/v1/jobs", JOB, "Prefer", "wait=1");

    assertEquals(202, response.statusCode());
  }

  @Test
  void longPollsAndAnswers304() throws Exception {
    fixture.post("/v1/jobs", JOB);
    JobId id = submitted();
    String path = "/v1/jobs/" + id.text();
    String etag = fixture.get(path).headers().firstValue("etag").orElseThrow();

    HttpResponse<String> same = fixture.get(path, "If-None-Match", etag);
    CompletableFuture<HttpResponse<String>> poll =
        CompletableFuture.supplyAsync(() -> {
          try {
            return fixture.get(path + "?wait=20");
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
    dev.sluice.testkit.Eventually.await(
        "someone waits", Duration.ofSeconds(5), () -> fixture.log.watchers(id) > 0);
    fixture.log.finish(id, MemoryLog.result(id, JobStatus.SUCCEEDED, "{}"));

    assertEquals(304, same.statusCode());
    assertEquals("", same.body());
    assertTrue(poll.get().body().contains("\"status\":\"succeeded\""), poll.get().body());
    assertEquals(200, fixture.get(path, "If-None-Match", etag).statusCode());
  }

  @Test
  void hidesJobsOfOthersAndThoseThatNeverWere() throws Exception {
    fixture.post("/v1/jobs", JOB);
    JobId id = submitted();
    String unknown = JobId.create(Instant.now(), 0, 0, 7).text();

    HttpResponse<String> foreign =
        fixture.get("/v1/jobs/" + id.text(), "Authorization", "Bearer " + HttpFixture.FOREIGN);
    HttpResponse<String> absent = fixture.get("/v1/jobs/" + unknown);

    assertEquals(404, foreign.statusCode());
    assertEquals(404, absent.statusCode());
    assertEquals(
        absent.body().replaceAll("(req|job)_[0-9a-z]+", ""),
        foreign.body().replaceAll("(req|job)_[0-9a-z]+", ""));
    assertEquals(404, fixture.get("/v1/jobs/job_nonsense").statusCode());
    assertEquals(200, fixture.get("/v1/jobs/" + id.text("resp_")).statusCode());
  }

  @Test
  void cancelsOnceAndLeavesAFinishedJobAlone() throws Exception {
    fixture.post("/v1/jobs", JOB);
    JobId id = submitted();
    String path = "/v1/jobs/" + id.text() + "/cancel";

    HttpResponse<String> first = fixture.post(path, "");
    HttpResponse<String> second = fixture.post(path, "");

    assertEquals(200, first.statusCode(), first.body());
    assertTrue(first.body().contains("\"status\":\"cancelled\""), first.body());
    assertEquals("caller", fixture.log.takeCommand(1).getCancel().getReason());
    assertEquals(200, second.statusCode());
    assertTrue(fixture.log.commands.isEmpty());
  }

  @Test
  void cancelsWithoutABody() throws Exception {
    fixture.post("/v1/jobs", JOB);
    JobId id = submitted();

    String answer =
        fixture.raw(
            "POST /v1/jobs/"
                + id.text()
                + "/cancel HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer "
                + HttpFixture.KEY
                + "\r\n\r\n");

    assertTrue(answer.startsWith("HTTP/1.1 200 OK"), answer);
  }

  @Test
  void erasesForEverySurface() throws Exception {
    fixture.post("/v1/jobs", JOB);
    JobId id = submitted();
    String path = "/v1/jobs/" + id.text();

    HttpResponse<String> erased = fixture.send(fixture.request(path).DELETE().build());

    assertEquals(200, erased.statusCode(), erased.body());
    assertTrue(erased.body().contains("\"deleted\":true"));
    assertEquals(404, fixture.get(path).statusCode());
    assertEquals(404, fixture.get(path + "/events").statusCode());
  }

  @Test
  void listsNewestFirstInPages() throws Exception {
    for (int i = 0; i < 3; i++) {
      fixture.post("/v1/jobs", JOB.replace("}]}", "}],\"tags\":{\"n\":\"" + i + "\"}}"));
    }
    JobId first = submitted();
    JobId second = submitted();
    JobId third = submitted();

    String page = fixture.get("/v1/jobs?limit=2").body();
    String rest = fixture.get("/v1/jobs?limit=2&after=" + second.text()).body();
    String tagged = fixture.get("/v1/jobs?tag.n=1").body();

    assertTrue(page.contains("\"has_more\":true"), page);
    assertTrue(page.contains(third.text()) && page.contains(second.text()), page);
    assertTrue(rest.contains(first.text()) && rest.contains("\"has_more\":false"), rest);
    assertTrue(tagged.contains(second.text()) && !tagged.contains(third.text()), tagged);
    assertEquals(422, fixture.get("/v1/jobs?status=lost").statusCode());
    assertEquals(422, fixture.get("/v1/jobs?limit=0").statusCode());
  }

  @Test
  void tellsEventsFromAnyNumberOn() throws Exception {
    fixture.post("/v1/jobs", JOB);
    JobId id = submitted();
    fixture.log.state(id, 2, JobStatus.RUNNING);
    fixture.log.parts(id, 3, false, "{\"a\":1}", "{\"a\":2}");
    fixture.log.parts(id, 6, true, "{\"b\":1}");
    fixture.log.finish(id, MemoryLog.result(id, JobStatus.SUCCEEDED, "{}"));
    String path = "/v1/jobs/" + id.text() + "/events";

    String all = fixture.get(path).body();
    String after = fixture.get(path, "Last-Event-ID", "3").body();
    String none = fixture.get(path + "?after=7").body();

    assertTrue(all.contains("id: 1\nevent: job.queued\ndata: {"), all);
    assertTrue(all.contains("id: 2\nevent: job.running\n"), all);
    assertTrue(
        all.contains("id: 3\nevent: job.delta\ndata: {\"attempt\":1,\"delta\":{\"a\":1}}\n\n"),
        all);
    assertTrue(all.contains("id: 5\nevent: attempt.restarted\n"), all);
    assertTrue(all.contains("id: 7\nevent: job.succeeded\n"), all);
    assertTrue(after.contains("retry: 1000\n\nid: 4\nevent: job.delta\n"), after);
    assertTrue(none.contains("job.succeeded") || !none.contains("id: "), none);
    assertEquals(422, fixture.get(path + "?after=x").statusCode());
  }

  @Test
  void showsCostsAsDecimalText() throws Exception {
    CostBucket bucket = bucket(Map.of("team", "red"));
    bucket.setGpuSeconds(new BigDecimal("1.250000"));
    fixture.buckets.add(bucket);
    fixture.buckets.add(bucket);

    String body = fixture.get("/v1/costs?by=model,tag.team").body();

    assertTrue(
        body.contains(
            "{\"model\":\"fast\",\"tag.team\":\"red\",\"charged_usd\":\"0.00000246\","
                + "\"owed_usd\":\"0\",\"tokens\":{\"input\":20},\"jobs\":2,\"attempts\":4,"
                + "\"unpriced\":0,\"gpu_seconds\":\"2.5\"}"),
        body);
    assertEquals(422, fixture.get("/v1/costs?by=colour").statusCode());
    assertEquals(422, fixture.get("/v1/costs?by=tag,tag").statusCode());
  }

  @Test
  void sumsCostsBySetsOfTags() throws Exception {
    fixture.buckets.add(bucket(Map.of("team", "red")));
    fixture.buckets.add(bucket(Map.of("team", "red", "stage", "prod")));
    fixture.buckets.add(bucket(Map.of("stage", "prod", "team", "red")));
    fixture.buckets.add(bucket(Map.of()));

    String body = fixture.get("/v1/costs?by=tag").body();

    String untagged = "{\"tag\":{},\"charged_usd\":\"0.00000123\"";
    String both = "{\"tag\":{\"stage\":\"prod\",\"team\":\"red\"},\"charged_usd\":\"0.00000246\"";
    String red = "{\"tag\":{\"team\":\"red\"},\"charged_usd\":\"0.00000123\"";
    assertTrue(body.contains(untagged), body);
    assertTrue(body.indexOf(both) > body.indexOf(untagged), body);
    assertTrue(body.indexOf(red) > body.indexOf(both), body);
  }

  private static CostBucket bucket(Map<String, String> tags) {
    CostBucket bucket = new CostBucket();
    bucket.setPeriodStart(Instant.now());
    bucket.setTenant("acme");
    bucket.setModel("fast");
    bucket.setKeyId("all");
    bucket.setTags(tags);
    bucket.setTokens(Map.of("input", 10L));
    bucket.setCharged(new BigDecimal("0.000001230000"));
    bucket.setOwed(BigDecimal.ZERO.setScale(12));
    bucket.setJobs(1);
    bucket.setAttempts(2);
    bucket.setUnpriced(0);
    return bucket;
  }

  @Test
  void answersPastTheBoundForAJobThatIsInTheLog() throws Exception {
    fixture.log.admits = false;

    HttpResponse<String> response = fixture.post("/v1/jobs", JOB);

    assertEquals(202, response.statusCode());
    assertEquals(200, fixture.get("/v1/jobs/" + submitted().text()).statusCode());
  }

  @Test
  void tellsThoseWhoWaitToComeAgainWhenItCloses() throws Exception {
    CompletableFuture<HttpResponse<String>> call = fixture.posted("/v1/chat/completions", JOB);
    submitted();

    fixture.http().close();

    assertEquals(503, call.get().statusCode());
    assertTrue(call.get().headers().firstValue("retry-after").isPresent());
  }

  @Test
  void stopsTakingJobsWhenDraining() throws Exception {
    fixture.http().drain(Duration.ofSeconds(1));

    assertEquals(503, fixture.post("/v1/jobs", JOB).statusCode());
    assertEquals(200, fixture.get("/v1/jobs").statusCode());
  }

  @Test
  void aWaitingJobSaysItsPlaceItsTurnAndItsPrice() throws Exception {
    HttpResponse<String> response =
        fixture.post("/v1/jobs", "{\"model\":\"fast\"," + MESSAGES + ",\"max_tokens\":16}");
    String id = JsonMapper.shared().readTree(response.body()).path("id").asString();
    fixture.lines.add(
        new QueuePlace.Line(
            "sim",
            41,
            4,
            List.of(new QueuePlace.Mark(40, JobId.parse(id).orElseThrow())),
            Instant.now(),
            Optional.empty(),
            Map.of()));

    JsonNode shown = JsonMapper.shared().readTree(fixture.get("/v1/jobs/" + id).body());

    assertEquals(40, shown.path("position").asInt());
    assertEquals(11, shown.path("eta_seconds").asInt());
    JsonNode quote = shown.path("quote");
    assertEquals(16, quote.path("max_output_tokens").asInt());
    assertTrue(quote.path("input_tokens").asInt() > 0, quote.toString());
    BigDecimal least = new BigDecimal(quote.path("least_usd").asString());
    BigDecimal most = new BigDecimal(quote.path("most_usd").asString());
    assertEquals(0, new BigDecimal("0.000032").compareTo(most.subtract(least)), quote.toString());
  }
}
