package dev.sluice.deploy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class CommandsIT {
  private static final String ENDED =
      """
      {"id":"job_1","status":"%s","result":%s,"error":%s}\
      """;
  private static final String CHAT =
      """
      {"choices":[{"message":{"role":"assistant","content":"forty-two"}}]}\
      """;

  private final FakeSluice sluice = new FakeSluice();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @AfterEach
  void stop() {
    sluice.close();
  }

  @Test
  void submitPrintsTheIdOfTheJob() {
    sluice.on("POST /v1/jobs", 202, "{\"id\":\"job_1\",\"status\":\"queued\"}");

    int code =
        run("submit", "-m", "fast", "-t", "team=a", "--priority", "batch", "what", "is", "it");

    assertEquals(0, code);
    assertEquals("job_1\n", out.toString());
    FakeSluice.Asked asked = sluice.asked().getFirst();
    assertEquals("Bearer sk-sluice-demo", asked.authorization());
    assertEquals(
        "{\"messages\":[{\"role\":\"user\",\"content\":\"what is it\"}],\"model\":\"fast\","
            + "\"priority\":\"batch\",\"tags\":{\"team\":\"a\"}}",
        asked.body());
  }

  @Test
  void submitWithWaitPrintsTheAnswer() {
    sluice.on("POST /v1/jobs", 202, "{\"id\":\"job_1\",\"status\":\"queued\"}");
    sluice.on("GET /v1/jobs/job_1?wait=60", 200, "{\"id\":\"job_1\",\"status\":\"running\"}");
    sluice.on("GET /v1/jobs/job_1?wait=60", 200, ENDED.formatted("succeeded", CHAT, "null"));

    int code = run("submit", "--wait", "question");

    assertEquals(0, code);
    assertEquals("forty-two\n", out.toString());
  }

  @ParameterizedTest
  @CsvSource({"succeeded,0", "failed,1", "cancelled,1", "expired,6"})
  void exitCodeOfWaitTellsHowTheJobEnded(String status, int expected) {
    String error = "{\"code\":\"provider_down\",\"message\":\"refused\"}";
    sluice.on("GET /v1/jobs/job_1?wait=60", 200, ENDED.formatted(status, "null", error));

    assertEquals(expected, run("wait", "job_1"));
    assertTrue(err.toString().contains("job_1 " + status));
  }

  @Test
  void waitGivesUpAfterItsTimeout() {
    sluice.on("GET /v1/jobs/job_1?wait=0", 200, "{\"id\":\"job_1\",\"status\":\"queued\"}");

    assertEquals(6, run("wait", "--timeout", "0", "job_1"));
    assertEquals("sluice: job job_1 has not ended: it is queued\n", err.toString());
  }

  @Test
  void tailPrintsWordsAndTakesABrokenStreamUpWhereItBroke() {
    sluice.onEvents(
        "GET /v1/jobs/job_1/events",
        """
        : hello

        id: 1
        event: job.running
        data: {"status":"running"}

        id: 2
        event: job.delta
        data: {"attempt":1,"delta":{"choices":[{"delta":{"content":"forty-"}}]}}

        """);
    sluice.onEvents(
        "GET /v1/jobs/job_1/events",
        """
        id: 3
        event: job.delta
        data: {"attempt":1,"delta":"two"}

        id: 4
        event: job.succeeded
        data: {"status":"succeeded"}

        """);

    int code = run("tail", "job_1");

    assertEquals(0, code);
    assertEquals("forty-two\n", out.toString());
    assertEquals("2", sluice.asked().get(1).lastEventId());
  }

  @Test
  void explainTellsTheLifeOfAJob() {
    sluice.on(
        "GET /v1/jobs/job_1",
        200,
        """
        {"id":"job_1","status":"succeeded","priority":"batch","model":"fast",
         "endpoint":"/v1/chat/completions","tags":{},"created_at":"2026-11-28T12:00:00.000Z",
         "attempts":[
          {"attempt":1,"pool":"gpu","model":"m","outcome":"down","code":"provider_down",
           "provider_status":502,"started_at":"2026-11-28T12:00:00.010Z",
           "finished_at":"2026-11-28T12:00:00.030Z"},
          {"attempt":2,"pool":"vendor","model":"n","outcome":"succeeded","code":null,
           "provider_status":200,"started_at":"2026-11-28T12:00:00.040Z",
           "finished_at":"2026-11-28T12:00:01.040Z"}],
         "route":{"pool":"vendor","model":"n","policy":"weighted","policy_version":3,
          "reason":"fallback","variant":null,
          "rejected":[{"pool":"gpu","model":"m","why":"failed: down"}]},
         "usage":{"tokens":{"input":3,"output":5},"total":8,"source":"reported"},
         "cost":{"charged_usd":"0.01","owed_usd":null,"unpriced":true},"error":null}\
        """);
    sluice.onEvents(
        "GET /v1/jobs/job_1/events",
        """
        id: 1
        event: job.running
        data: {"status":"running","attempt":1,"pool":"gpu","model":"m","at":"2026-11-28T12:00:00.010Z"}

        id: 2
        event: job.queued
        data: {"status":"queued","reason":"fallback","attempt":0,"pool":"vendor","model":"n","at":"2026-11-28T12:00:00.031Z"}

        id: 3
        event: job.delta
        data: {"attempt":2,"delta":"two"}

        id: 4
        event: job.succeeded
        data: {"status":"succeeded","at":"2026-11-28T12:00:01.041Z"}

        """);

    assertEquals(0, run("explain", "job_1"));
    assertEquals(
        """
        job       job_1  succeeded
        asked     fast  batch  /v1/chat/completions
        route     vendor n
        chosen    weighted: fallback  (policy version 3)
        not       gpu m: failed: down

        what happened
          2026-11-28T12:00:00Z        +0.000 s  accepted
          2026-11-28T12:00:00.010Z    +0.010 s  running, attempt 1, gpu m
          2026-11-28T12:00:00.031Z    +0.031 s  queued, vendor n: fallback
          2026-11-28T12:00:01.041Z    +1.041 s  succeeded

        attempts
          1  gpu m  down provider_down, provider said 502, 20 ms
          2  vendor n  succeeded, provider said 200, 1000 ms

        tokens    {"input":3,"output":5}
        charged   0.01 USD
        owed      unpriced
        """,
        out.toString());
  }

  @Test
  void explainAsJsonIsTheJobAndItsEvents() {
    sluice.on("GET /v1/jobs/a", 200, "{\"id\":\"a\",\n \"status\":\"failed\"}");
    sluice.onEvents(
        "GET /v1/jobs/a/events", "id: 1\nevent: job.failed\ndata: {\"status\":\"failed\"}\n\n");

    assertEquals(0, run("explain", "a", "-o", "json"));
    assertEquals(
        "{\"job\":{\"id\":\"a\",\"status\":\"failed\"},\"events\":[{\"id\":\"1\",\"event\":"
            + "\"job.failed\",\"data\":{\"status\":\"failed\"}}]}\n",
        out.toString());
  }

  @Test
  void jsonOutputIsOneObjectALine() {
    sluice.on("GET /v1/jobs/a", 200, "{\"id\":\"a\",\n \"status\":\"queued\"}");
    sluice.on("GET /v1/jobs/b", 200, "{\"id\":\"b\",\n \"status\":\"queued\"}");

    assertEquals(0, run("get", "-o", "json", "a", "b"));
    assertEquals(
        List.of("{\"id\":\"a\",\"status\":\"queued\"}", "{\"id\":\"b\",\"status\":\"queued\"}"),
        out.toString().lines().toList());
  }

  @Test
  void redeliversWhatFailedOfAJob() {
    String delivery =
        "{\"id\":\"%s\",\"type\":\"job.failed\",\"status\":\"%s\",\"attempts\":10,\"last_error\":\"timeout\"}";
    String failed = delivery.formatted("del_1", "exhausted");
    sluice.on(
        "GET /v1/jobs/job_1/deliveries",
        200,
        "{\"data\":[" + failed + "," + delivery.formatted("del_2", "delivered") + "]}");
    sluice.on("POST /v1/callback_deliveries/del_1/redeliver", 202, failed);

    assertEquals(0, run("callbacks", "redeliver", "job_1"));
    assertEquals("del_1 job.failed exhausted attempts=10 last=timeout\n", out.toString());
  }

  @Test
  void cancelPrintsTheStateThatFollows() {
    sluice.on("POST /v1/jobs/job_1/cancel", 200, "{\"id\":\"job_1\",\"status\":\"cancelled\"}");

    assertEquals(0, run("cancel", "job_1"));
    assertEquals("job_1 cancelled\n", out.toString());
  }

  @Test
  void jobsGroupsTenantsAndPoolsAreSteeredFromTheShell() {
    String control =
        "{\"object\":\"control\",\"kind\":\"%s\",\"id\":\"%s\",\"state\":\"%s\",\"note\":%s}";
    sluice.on(
        "POST /v1/groups/run%207/pause",
        200, control.formatted("group", "run 7", "paused", "\"why\""));
    sluice.on(
        "POST /v1/pools/gpu/drain", 200, control.formatted("pool", "gpu", "draining", "null"));
    sluice.on(
        "POST /v1/jobs/job_1/resume",
        200,
        "{\"object\":\"job\",\"id\":\"job_1\",\"status\":\"queued\"}");
    sluice.on(
        "POST /v1/jobs/job_1/reprioritise",
        200,
        "{\"id\":\"job_1\",\"status\":\"queued\",\"priority\":\"batch\",\"deadline\":\"d\"}");

    assertEquals(0, run("pause", "--group", "run 7", "--note", "why"));
    assertEquals(0, run("drain", "gpu"));
    assertEquals(0, run("resume", "job_1"));
    assertEquals(0, run("reprioritise", "job_1", "--priority", "batch"));
    assertEquals(2, run("pause", "--group", "a", "--pool", "b"));

    assertEquals(
        "group run 7 paused why\npool gpu draining\njob_1 queued\njob_1 queued batch d\n",
        out.toString());
    assertEquals("{\"note\":\"why\"}", sluice.asked().getFirst().body());
  }

  @Test
  void costsAreATableOrCsv() {
    sluice.on(
        "GET /v1/costs?by=tenant%2Cmodel",
        200,
        """
        {"object":"list","data":[{"tenant":"demo","model":"a,b","charged_usd":"0.000123",
         "owed_usd":"0.000123","tokens":{"input":10,"output":5},"jobs":2,"attempts":2,"unpriced":0,
         "gpu_seconds":"0.125"}]}\
        """);

    assertEquals(0, run("costs", "--by", "tenant,model"));
    assertEquals(0, run("costs", "--by", "tenant,model", "-o", "csv"));

    assertEquals(
        List.of(
            "tenant  model  charged_usd  owed_usd  jobs  attempts  tokens  unpriced  gpu_seconds",
            "demo    a,b       0.000123  0.000123     2         2      15         0        0.125",
            "tenant,model,charged_usd,owed_usd,jobs,attempts,tokens,unpriced,gpu_seconds",
            "demo,\"a,b\",0.000123,0.000123,2,2,15,0,0.125"),
        out.toString().lines().toList());
  }

  @Test
  void aSetOfTagsIsOneCell() {
    sluice.on(
        "GET /v1/costs?by=tag",
        200,
        """
        {"object":"list","data":[{"tag":{},"charged_usd":"0","owed_usd":"1",
         "tokens":{},"jobs":0,"attempts":1,"unpriced":0,"gpu_seconds":"0"},
         {"tag":{"stage":"prod","team":"search"},"charged_usd":"2","owed_usd":"2",
         "tokens":{"input":3},"jobs":1,"attempts":1,"unpriced":0,"gpu_seconds":"12"}]}\
        """);

    assertEquals(0, run("costs", "--by", "tag"));
    assertEquals(0, run("costs", "--by", "tag", "-o", "csv"));

    assertEquals(
        List.of(
            "tag                     charged_usd  owed_usd  jobs  attempts  tokens  unpriced  gpu_seconds",
            "                                  0         1     0         1       0         0            0",
            "stage=prod,team=search            2         2     1         1       3         0           12",
            "tag,charged_usd,owed_usd,jobs,attempts,tokens,unpriced,gpu_seconds",
            ",0,1,0,1,0,0,0",
            "\"stage=prod,team=search\",2,2,1,1,3,0,12"),
        out.toString().lines().toList());
  }

  @ParameterizedTest
  @CsvSource({"400,2", "422,2", "401,5", "403,5", "429,5", "404,4", "504,6", "503,3", "500,1"})
  void exitCodeTellsWhyTheServerRefused(int status, int expected) {
    sluice.on("GET /v1/jobs/job_1", status, "{\"code\":\"some_code\",\"detail\":\"because\"}");

    assertEquals(expected, run("get", "job_1"));
    assertEquals("sluice: " + status + " some_code: because\n", err.toString());
  }

  @Test
  void nothingListeningIsOneLineThatSaysWhatToDo() {
    sluice.close();

    assertEquals(3, run("get", "job_1"));
    assertTrue(err.toString().contains("start one with `sluice up`"));
    assertEquals(1, err.toString().lines().count());
  }

  @Test
  void wrongUsageIsExplained() {
    assertEquals(2, run("get", "--no-such-option"));
    assertEquals(2, run("costs", "--by", "colour"));
    assertEquals(2, execute(Map.of()));
    assertTrue(err.toString().contains("--by colour"));
  }

  @Test
  void topWithoutATerminalIsOneReadingOfAllProcesses() {
    sluice.on(
        "GET /router/metrics", 200, "sluice_router_waiting{class=\"batch\",pool=\"gpu\"} 7.0\n");
    sluice.on("GET /worker/metrics", 200, "sluice_worker_slots{pool=\"gpu\"} 4.0\n");
    String admins = "--admin=" + sluice.url() + "/router," + sluice.url() + "/worker";

    assertEquals(0, execute(Map.of(), "top", admins));
    assertTrue(out.toString().lines().anyMatch(line -> line.matches("gpu +- +- +7  0.00 s")));
    assertTrue(out.toString().contains("0/4"), out.toString());
    out.getBuffer().setLength(0);
    assertEquals(0, execute(Map.of(), "top", "-o", "json", admins));
    assertTrue(out.toString().contains("\"waiting\":7.0"), out.toString());
    assertTrue(out.toString().contains("\"calls_per_second\":0.0"), out.toString());
  }

  @Test
  void topSaysWhatItCannotRead() {
    sluice.on("GET /guarded/metrics", 401, "{}");
    sluice.on("GET /open/metrics", 200, "sluice_policy_version 2.0\n");
    String guarded = sluice.url() + "/guarded";

    assertEquals(5, execute(Map.of(), "top", "--admin", guarded));
    assertTrue(err.toString().contains("scope admin"), err.toString());
    assertEquals(
        0, execute(Map.of(), "top", "--admin", guarded, "--admin", sluice.url() + "/open"));
    assertTrue(out.toString().contains("policy 2\n! " + guarded), out.toString());
    assertEquals(3, execute(Map.of(), "top", "--admin=http://127.0.0.1:1"));
  }

  @Test
  void completionKnowsEveryCommandAndOption() {
    assertEquals(0, execute(Map.of(), "completion", "bash"));
    String bash = out.toString();
    assertTrue(bash.contains("complete -F _complete_sluice"), bash);
    for (String word : List.of("redrive", "revoke", "ingress", "--upstream-key", "--since")) {
      assertTrue(bash.contains(word), word);
    }
    assertFalse(bash.contains("rehearse"), "hidden commands stay hidden");
    assertEquals(0, execute(Map.of(), "completion", "zsh"));
    assertEquals(2, execute(Map.of(), "completion", "fish"));
  }

  @Test
  void variablesOfTheEnvironmentStandInForOptions() {
    sluice.on("GET /v1/jobs/job_1", 200, "{\"id\":\"job_1\",\"status\":\"queued\"}");

    int code = execute(Map.of("SLUICE_URL", sluice.url(), "SLUICE_KEY", "sk-mine"), "get", "job_1");

    assertEquals(0, code);
    assertEquals("Bearer sk-mine", sluice.asked().getFirst().authorization());
  }

  private int run(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add(1, "--url=" + sluice.url());
    return execute(Map.of(), all.toArray(String[]::new));
  }

  private int execute(Map<String, String> environment, String... arguments) {
    CommandLine line = SluiceMain.commandLine(environment);
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(arguments);
  }
}
