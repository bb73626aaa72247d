package dev.sluice.ingress.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.avro.Command;
import dev.sluice.contract.avro.JobStatus;
import dev.sluice.contract.avro.PriorityClass;
import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.core.Hold;
import dev.sluice.ingress.core.QueuePlace;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ControlsTest {
  private static final String JOB =
      "{\"model\":\"fast\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";

  @RegisterExtension final HttpFixture fixture = new HttpFixture();

  private JobId submitted(String rest) throws Exception {
    assertEquals(202, fixture.post("/v1/jobs", JOB + rest + "}").statusCode());
    return JobId.parse(fixture.log.takeSubmission().getJobId()).orElseThrow();
  }

  @Test
  void aWaitingJobGetsAnotherClassAndDeadline() throws Exception {
    JobId id = submitted("");

    HttpResponse<String> answer =
        fixture.post(
            "/v1/jobs/" + id.text() + "/reprioritise",
            "{\"priority\":\"interactive\",\"deadline\":\"PT5M\"}");

    assertEquals(200, answer.statusCode(), answer.body());
    assertTrue(answer.body().contains("\"priority\":\"interactive\""), answer.body());
    Command command = fixture.log.takeCommand(5);
    assertEquals(PriorityClass.INTERACTIVE, command.getReprioritise().getPriority());
    assertEquals(id.text(), command.getJobId());
  }

  @Test
  void askedAgainNothingIsSent() throws Exception {
    JobId id = submitted(",\"priority\":\"batch\"");

    HttpResponse<String> answer =
        fixture.post("/v1/jobs/" + id.text() + "/reprioritise", "{\"priority\":\"batch\"}");

    assertEquals(200, answer.statusCode(), answer.body());
    assertTrue(fixture.log.commands.isEmpty());
  }

  @Test
  void aJobThatHasBegunIsRefused() throws Exception {
    JobId id = submitted("");
    fixture.log.state(id, 2, JobStatus.RUNNING);

    HttpResponse<String> answer =
        fixture.post("/v1/jobs/" + id.text() + "/reprioritise", "{\"priority\":\"batch\"}");

    assertEquals(409, answer.statusCode(), answer.body());
    assertTrue(answer.body().contains("\"code\":\"not_waiting\""), answer.body());
  }

  @Test
  void aChangeThatItsWriterHasNotConfirmedIsOnlyAccepted() throws Exception {
    JobId id = submitted("");
    fixture.log.admits = false;

    HttpResponse<String> answer =
        fixture.post("/v1/jobs/" + id.text() + "/reprioritise", "{\"priority\":\"batch\"}");

    assertEquals(202, answer.statusCode(), answer.body());
    assertTrue(answer.body().contains("\"priority\":\"standard\""), answer.body());
  }

  @Test
  void whatIsNoUrgencyIsRefusedByName() throws Exception {
    JobId id = submitted("");
    String path = "/v1/jobs/" + id.text() + "/reprioritise";

    assertEquals(422, fixture.post(path, "{}").statusCode());
    assertEquals(422, fixture.post(path, "{\"priority\":\"soon\"}").statusCode());
    assertEquals(422, fixture.post(path, "{\"deadline\":\"P8D\"}").statusCode());
    HttpResponse<String> unknown = fixture.post(path, "{\"model\":\"fast\"}");
    assertEquals(422, unknown.statusCode());
    assertTrue(unknown.body().contains("/model"), unknown.body());
  }

  @Test
  void jobsAreListedByGroup() throws Exception {
    JobId mine = submitted(",\"group\":\"run-7\"");
    submitted("");

    HttpResponse<String> answer = fixture.get("/v1/jobs?group=run-7");

    assertTrue(answer.body().contains(mine.text()), answer.body());
    assertTrue(answer.body().contains("\"group\":\"run-7\""), answer.body());
    assertEquals(1, answer.body().split("\"object\":\"job\"", -1).length - 1);
  }

  @Test
  void aPausedGroupHoldsItsJobsAndSaysWhoAndWhy() throws Exception {
    JobId mine = submitted(",\"group\":\"run 7\"");
    JobId other = submitted("");

    HttpResponse<String> paused =
        fixture.post("/v1/groups/run%207/pause", "{\"note\":\"looks at the prompt\"}");

    assertEquals(200, paused.statusCode(), paused.body());
    assertTrue(paused.body().contains("\"state\":\"paused\""), paused.body());
    assertTrue(paused.body().contains("\"by\":\"all\""), paused.body());
    JsonNode shown = json("/v1/jobs/" + mine.text());
    assertEquals("held", shown.path("status").asString());
    assertEquals("paused", shown.path("reason").asString());
    assertEquals("group:run 7", shown.path("held_by").asString());
    assertEquals("looks at the prompt", shown.path("held_note").asString());
    assertEquals("queued", json("/v1/jobs/" + other.text()).path("status").asString());
    assertEquals(1, json("/v1/jobs?status=held").path("data").size());

    HttpResponse<String> resumed = fixture.post("/v1/groups/run%207/resume", "");

    assertTrue(resumed.body().contains("\"state\":\"running\""), resumed.body());
    assertEquals("queued", json("/v1/jobs/" + mine.text()).path("status").asString());
  }

  @Test
  void askedAgainAPauseAndAResumeAnswerTheSameAndWriteNothing() throws Exception {
    HttpResponse<String> first = fixture.post("/v1/tenants/acme/pause", "{\"note\":\"a\"}");
    HttpResponse<String> again = fixture.post("/v1/tenants/acme/pause", "{\"note\":\"a\"}");

    assertEquals(200, again.statusCode());
    assertEquals(first.body(), again.body());
    assertEquals(1, fixture.controls.written.get());

    fixture.post("/v1/tenants/acme/resume", "");
    assertEquals(200, fixture.post("/v1/tenants/acme/resume", "").statusCode());
    assertEquals(2, fixture.controls.written.get());
  }

  @Test
  void aPausedJobIsHeldUntilItHasEnded() throws Exception {
    JobId id = submitted("");

    HttpResponse<String> paused = fixture.post("/v1/jobs/" + id.text() + "/pause", "");

    assertEquals(200, paused.statusCode(), paused.body());
    assertTrue(paused.body().contains("\"held_by\":\"job:" + id.text()), paused.body());
    fixture.log.state(id, 2, JobStatus.RUNNING);
    assertEquals("running", json("/v1/jobs/" + id.text()).path("status").asString());
    fixture.log.finish(id, MemoryLog.result(id, JobStatus.SUCCEEDED, "{}"));
    HttpResponse<String> late = fixture.post("/v1/jobs/" + id.text() + "/pause", "");
    assertEquals(409, late.statusCode(), late.body());
  }

  @Test
  void onlyAnOperatorSteersPoolsAndOtherTenants() throws Exception {
    String[] reader = {"Authorization", "Bearer " + HttpFixture.READ_ONLY};

    assertEquals(403, fixture.post("/v1/pools/sim/drain", "", reader).statusCode());
    assertEquals(403, fixture.post("/v1/tenants/other/pause", "", reader).statusCode());
    assertEquals(403, fixture.post("/v1/tenants/acme/pause", "", reader).statusCode());
    assertEquals(404, fixture.post("/v1/pools/nowhere/drain", "").statusCode());
    assertEquals(404, fixture.post("/v1/tenants/nobody/pause", "").statusCode());
    HttpResponse<String> drained = fixture.post("/v1/pools/sim/drain", "");
    assertEquals(200, drained.statusCode(), drained.body());
    assertTrue(drained.body().contains("\"state\":\"draining\""), drained.body());
    assertEquals(1, json("/v1/controls").path("data").size());
    assertEquals(200, fixture.post("/v1/pools/sim/resume", "").statusCode());
    assertEquals(0, json("/v1/controls").path("data").size());
  }

  @Test
  void aGroupIsCancelledAndReprioritisedByOneCommandEach() throws Exception {
    HttpResponse<String> cancelled = fixture.post("/v1/groups/run-7/cancel", "");
    HttpResponse<String> urgent =
        fixture.post("/v1/groups/run-7/reprioritise", "{\"priority\":\"interactive\"}");

    assertEquals(202, cancelled.statusCode(), cancelled.body());
    assertEquals(202, urgent.statusCode(), urgent.body());
    Command cancel = fixture.log.takeCommand(5);
    assertEquals("run-7", cancel.getGroup());
    assertEquals("caller", cancel.getCancel().getReason());
    assertEquals(
        PriorityClass.INTERACTIVE, fixture.log.takeCommand(5).getReprioritise().getPriority());
  }

  @Test
  void aJobBehindALineThatALimitHoldsSaysSo() throws Exception {
    JobId id = submitted("");
    fixture.lines.add(
        new QueuePlace.Line(
            "sim",
            100_000,
            0,
            List.of(),
            Instant.now(),
            Optional.of(new Hold("budget", "usd", Instant.parse("2030-01-01T00:00:00Z"), "")),
            Map.of()));

    JsonNode shown = json("/v1/jobs/" + id.text());

    assertEquals("held", shown.path("status").asString());
    assertEquals("budget", shown.path("reason").asString());
    assertEquals("usd", shown.path("held_by").asString());
    assertEquals("2030-01-01T00:00:00Z", shown.path("held_until").asString());
  }

  private JsonNode json(String path) throws Exception {
    return JsonMapper.shared().readTree(fixture.get(path).body());
  }
}
