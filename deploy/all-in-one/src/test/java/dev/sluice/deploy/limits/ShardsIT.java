package dev.sluice.deploy.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.JobId;
import dev.sluice.deploy.AllInOne;
import dev.sluice.deploy.AtOnce;
import dev.sluice.deploy.InThisJvm;
import dev.sluice.deploy.WholeSluice;
import dev.sluice.deploy.batch.BatchClient;
import dev.sluice.testkit.Eventually;
import java.math.BigDecimal;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Tenants in four shards over four router tasks, through a whole Sluice: their limits hold in sum,
/// and whatever is asked of a job or a group finds its writer.
@InThisJvm
class ShardsIT {
  private static final Duration LONG = Duration.ofMinutes(2);
  private static final int SHARDS = 4;
  private static final int CONNECTIONS = 64;

  private static final String CONFIGURATION =
      """
      server:
        topics: {partitions: {router: 4}}
      tenants:
        - id: counted
          keys: [{id: k, secret: "${env:COUNTED}", scopes: [submit, read, cancel, costs]}]
          shards: 4
          budgets: [{requests: 101, period: forever, on_exceeded: reject}]
        - id: paid
          keys: [{id: k, secret: "${env:PAID}", scopes: [submit, read, cancel, costs]}]
          shards: 4
          budgets: [{usd: 0.4, period: forever, on_exceeded: hold}]
        - id: narrow
          keys: [{id: k, secret: "${env:NARROW}", scopes: [submit, read, cancel, costs]}]
          shards: 4
          quotas: {max_in_flight: 10}
        - id: few
          keys: [{id: k, secret: "${env:FEW}", scopes: [submit, read, cancel, costs]}]
          shards: 4
          budgets: [{requests: 4, period: forever, on_exceeded: hold}]
      pools:
        - {id: p, provider: openai-compatible, base_url: "URL", concurrency: 64}
      models:
        - {id: paid, routes: [{pool: p, model: paid}]}
        - {id: narrow, routes: [{pool: p, model: narrow}]}
        - {id: few, routes: [{pool: p, model: few}]}
      prices:
        - {pool: p, model: "*", from: 2026-01-01, input: 100, output: 100}
      """;

  private static final Map<String, String> SECRETS =
      Map.of("COUNTED", "sk-counted", "PAID", "sk-paid", "NARROW", "sk-narrow", "FEW", "sk-few");

  @TempDir private Path folder;
  private final List<AutoCloseable> open = new ArrayList<>();
  private CountingProvider provider;
  private String url = "";

  @BeforeEach
  void serves() throws Exception {
    provider = new CountingProvider();
    open.add(provider);
    AllInOne sluice = WholeSluice.in(folder, CONFIGURATION.replace("URL", provider.url()), SECRETS);
    open.addFirst(sluice);
    url = "http://" + sluice.start().http();
  }

  @AfterEach
  void stops() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
  }

  @Test
  void moreJobsAtOnceThanFitUseNoMoreThanTheWhole() throws Exception {
    try (BatchClient counted = client("counted");
        BatchClient paid = client("paid");
        BatchClient narrow = client("narrow")) {
      List<HttpResponse<String>> answers = submit(counted, "narrow", 600);
      assertEquals(101, answers.stream().filter(answer -> answer.statusCode() == 202).count());
      assertEquals(499, answers.stream().filter(answer -> answer.statusCode() == 429).count());
      submit(paid, "paid", 300);
      submit(narrow, "narrow", 120);
      Eventually.await(
          "all that fits is done",
          LONG,
          () -> quota(counted).equals("101 101 0 0") && provider.calls("narrow") == 101 + 120);
      Eventually.await("nothing is reserved", LONG, () -> quota(narrow).equals("10 0 0 10"));

      Eventually.await(
          "what a budget lets through is paid",
          LONG,
          () -> quotas(paid).required("reserved").asString().equals("0"));
      BigDecimal used = new BigDecimal(quotas(paid).required("used").stringValue());
      assertTrue(used.compareTo(new BigDecimal("0.4")) <= 0, used + " USD");
      // Of each shard what is too little for one job more.
      assertTrue(used.compareTo(new BigDecimal("0.39")) >= 0, used + " USD");
      Eventually.await(
          "finance sees what the limit counts",
          LONG,
          () -> {
            JsonNode costs = data(paid, "/v1/costs");
            return !costs.isEmpty()
                && used.compareTo(new BigDecimal(costs.get(0).required("charged_usd").asString()))
                    == 0;
          });
    }
  }

  @Test
  void noMoreRunAtOnceThanTheWholeTenantMayAndABatchUsesAllShards() throws Exception {
    provider.holdUntil("narrow", 10);
    try (BatchClient narrow = client("narrow")) {
      String batch = narrow.create(narrow.upload(BatchClient.lines(60, "narrow")), "24h");
      submit(narrow, "narrow", 120);

      narrow.await(batch, "end", BatchClient.status("completed"));
      Eventually.await("all jobs done", LONG, () -> provider.calls("narrow") == 180);
      assertEquals(10, provider.mostAtOnce("narrow"));
      assertEquals(SHARDS, shards(data(narrow, "/v1/jobs?limit=100")).size());
    }
  }

  @Test
  void repeatsMeetAndWhatIsAskedOfJobsFindsThem() throws Exception {
    try (BatchClient few = client("few")) {
      Set<String> first = new HashSet<>();
      for (int key = 0; key < 40; key++) {
        Set<String> ids = new HashSet<>();
        for (int repeat = 0; repeat < 3; repeat++) {
          ids.add(
              id(few.post("/v1/jobs", job("few", key, "\"idempotency_key\":\"k" + key + "\","))));
        }
        assertEquals(1, ids.size(), "one job of one key");
        first.addAll(ids);
      }
      assertEquals(40, first.size());
      Eventually.await("one of each shard ran", LONG, () -> quota(few).equals("4 4 0 0"));
      JsonNode held = data(few, "/v1/jobs?status=held&limit=100");
      assertEquals(36, held.size());
      assertEquals(SHARDS, shards(held).size());

      Set<Integer> cancelled = new HashSet<>();
      for (JsonNode job : held) {
        JobId id = JobId.parse(job.required("id").stringValue()).orElseThrow();
        if (cancelled.add(id.shard())) {
          few.post("/v1/jobs/" + id + "/cancel", "");
        }
      }
      Eventually.await(
          "one of each shard is cancelled",
          LONG,
          () -> data(few, "/v1/jobs?status=cancelled&limit=100").size() == SHARDS);
      assertEquals(202, few.post("/v1/groups/g/cancel", "").statusCode());
      Eventually.await(
          "the group is cancelled in all shards",
          LONG,
          () -> data(few, "/v1/jobs?status=cancelled&limit=100").size() == 36);
      assertEquals(4, provider.calls("few"));
    }
  }

  private static List<HttpResponse<String>> submit(BatchClient client, String model, int jobs)
      throws Exception {
    return AtOnce.call(
        CONNECTIONS, jobs, number -> client.post("/v1/jobs", job(model, number, "")));
  }

  private static String job(String model, int number, String more) {
    return "{%s\"group\":\"g\",\"model\":\"%s\",\"max_tokens\":10,\"messages\":[{\"role\":\"user\",\"content\":\"%03d\"}]}"
        .formatted(more, model, number);
  }

  private static String id(HttpResponse<String> answer) {
    assertEquals(202, answer.statusCode(), answer.body());
    return JsonMapper.shared().readTree(answer.body()).required("id").stringValue();
  }

  private static Set<Integer> shards(JsonNode jobs) {
    Set<Integer> shards = new HashSet<>();
    jobs.forEach(
        job -> shards.add(JobId.parse(job.required("id").stringValue()).orElseThrow().shard()));
    return shards;
  }

  private BatchClient client(String tenant) {
    return new BatchClient(url, "sk-" + tenant);
  }

  private static JsonNode data(BatchClient client, String path) throws Exception {
    return BatchClient.json(client.get(path)).required("data");
  }

  private static JsonNode quotas(BatchClient client) throws Exception {
    return data(client, "/v1/quotas").get(0);
  }

  /// Limit, used, reserved and left.
  private static String quota(BatchClient client) throws Exception {
    JsonNode quota = quotas(client);
    return String.join(
        " ",
        quota.required("limit").asString(),
        quota.required("used").asString(),
        quota.required("reserved").asString(),
        quota.required("left").asString());
  }
}
