package dev.sluice.deploy.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.deploy.AtOnce;
import dev.sluice.deploy.SluiceCaller;
import dev.sluice.deploy.SluiceProcess;
import dev.sluice.deploy.limits.CountingProvider;
import dev.sluice.testkit.Eventually;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Steering what waits, in a whole Sluice under load: what is paused stays so through a kill, and
/// nothing is lost or made twice by any of it.
class ControlE2E {
  private static final Duration LONG = Duration.ofMinutes(3);
  private static final int JOBS = 150;

  private static final String CONFIGURATION =
      """
      tenants:
        - {id: acme, keys: [{id: k, secret: "${env:KEY}", scopes: [submit, read, cancel, admin]}]}
      pools:
        - {id: p, provider: openai-compatible, base_url: "URL", concurrency: 4}
        - {id: narrow, provider: openai-compatible, base_url: "URL", concurrency: 1}
        - {id: q, provider: openai-compatible, base_url: "URL", concurrency: 4}
      models:
        - {id: only, routes: [{pool: p, model: only}]}
        - {id: slow, routes: [{pool: narrow, model: slow}]}
        - {id: both, policy: priority, routes: [{pool: p, model: on-p}, {pool: q, model: on-q}]}
      """;

  @TempDir private Path folder;
  private SluiceCaller caller;

  @AfterEach
  void closeCaller() {
    caller.close();
  }

  @Test
  void aPausedTenantRunsNothingThroughAKillAndThenEverythingOnce() throws Exception {
    try (CountingProvider provider = new CountingProvider()) {
      SluiceProcess first = up(provider);
      post("/v1/tenants/acme/pause", "{\"note\":\"maintenance\"}", 200);
      submit("only", "\"group\":\"run\"", JOBS);
      JsonNode held = caller.read("/v1/jobs?limit=1").required("data").get(0);
      assertEquals("held", held.required("status").stringValue());
      assertEquals("paused", held.required("reason").stringValue());
      assertEquals("tenant:acme", held.required("held_by").stringValue());
      assertEquals("maintenance", held.required("held_note").stringValue());
      first.kill();

      try (SluiceProcess second = up(provider)) {
        String id = held.required("id").stringValue();
        post("/v1/jobs/" + id + "/reprioritise", "{\"priority\":\"interactive\"}", 200);
        assertEquals(0, provider.calls("only"));

        post("/v1/tenants/acme/resume", "", 200);

        Eventually.await("all jobs ended", LONG, () -> ended() == JOBS);
        assertEquals(JOBS, provider.calls("only"));
        assertEquals(0, second.terminate(), second.stderr());
      }
    }
  }

  @Test
  void aGroupPausedUnderLoadRunsNoMoreAndIsCancelledAsAWhole() throws Exception {
    try (CountingProvider provider = new CountingProvider();
        SluiceProcess sluice = up(provider)) {
      submit("slow", "\"group\":\"run\"", JOBS);
      post("/v1/groups/run/pause", "", 200);
      submit("slow", "\"group\":\"other\"", 1);

      Eventually.await("the other group runs", LONG, () -> ended("other") == 1);
      Eventually.await(
          "nothing runs",
          LONG,
          () -> caller.read("/v1/jobs?status=running").required("data").isEmpty());
      int ran = provider.calls("slow");
      assertTrue(ran < JOBS, "all had run before the pause came");

      post("/v1/groups/run/cancel", "", 202);

      Eventually.await("the rest is cancelled", LONG, () -> ended("run") == JOBS);
      assertEquals(ran, provider.calls("slow"));
      assertEquals(0, sluice.terminate(), sluice.stderr());
    }
  }

  @Test
  void aDrainedPoolsJobsGoElsewhereOrSayThatItIsDrained() throws Exception {
    try (CountingProvider provider = new CountingProvider();
        SluiceProcess sluice = up(provider)) {
      post("/v1/pools/p/pause", "", 200);
      submit("both", "\"group\":\"both\"", 20);
      submit("only", "\"group\":\"only\"", 3);
      Eventually.await("paused", LONG, () -> shown("only").equals("held paused pool:p"));

      post("/v1/pools/p/drain", "", 200);

      Eventually.await("all that can go elsewhere", LONG, () -> ended("both") == 20);
      assertEquals(20, provider.calls("on-q"));
      Eventually.await("the others", LONG, () -> shown("only").equals("held draining pool:p"));
      assertEquals(0, provider.calls("only") + provider.calls("on-p"));

      post("/v1/pools/p/resume", "", 200);

      Eventually.await("the others end", LONG, () -> ended("only") == 3);
      assertEquals(3, provider.calls("only"));
      assertEquals(0, sluice.terminate(), sluice.stderr());
    }
  }

  private String shown(String group) throws Exception {
    JsonNode job = caller.read("/v1/jobs?limit=1&group=" + group).required("data").get(0);
    return job.required("status").stringValue()
        + " "
        + job.required("reason").asString("")
        + " "
        + job.required("held_by").asString("");
  }

  private long ended() throws Exception {
    return ended("run");
  }

  /// Jobs of a group that have ended; there are fewer than two pages of them.
  private long ended(String group) throws Exception {
    JsonNode page = caller.read("/v1/jobs?limit=100&group=" + group);
    long ended = count(page);
    if (page.required("has_more").booleanValue()) {
      String last = page.required("last_id").stringValue();
      ended += count(caller.read("/v1/jobs?limit=100&group=" + group + "&after=" + last));
    }
    return ended;
  }

  private static long count(JsonNode page) {
    return page.required("data").valueStream().filter(job -> job.hasNonNull("finished_at")).count();
  }

  private void submit(String model, String rest, int jobs) throws Exception {
    AtOnce.call(16, jobs, _ -> post("/v1/jobs", body(model, rest), 202));
  }

  private static String body(String model, String rest) {
    return "{\"model\":\"%s\",%s,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
        .formatted(model, rest);
  }

  private JsonNode post(String path, String body, int status) throws Exception {
    return SluiceCaller.json(caller.post(path, body), status);
  }

  private SluiceProcess up(CountingProvider provider) throws IOException {
    SluiceProcess sluice =
        SluiceProcess.up(
            folder, CONFIGURATION.replace("URL", provider.url()), Map.of("KEY", "sk-acme"));
    caller = new SluiceCaller(sluice.url(), "sk-acme");
    return sluice;
  }
}
