package dev.sluice.deploy.batch;

import static dev.sluice.deploy.batch.BatchClient.json;
import static dev.sluice.deploy.batch.BatchClient.line;
import static dev.sluice.deploy.batch.BatchClient.lines;
import static dev.sluice.deploy.batch.BatchClient.status;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.deploy.AllInOne;
import dev.sluice.deploy.InThisJvm;
import dev.sluice.deploy.WholeSluice;
import dev.sluice.deploy.registry.NodeProject;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Files and batches on a whole Sluice, with a quick and a sluggish provider.
@InThisJvm
class BatchIT {
  private static final String CONFIGURATION =
      """
      tenants:
        - id: acme
          keys: [{id: ci, secret: "${env:CI_KEY}", scopes: [submit, read, cancel, costs]}]
        - id: other
          keys: [{id: ci, secret: "${env:OTHER_KEY}", scopes: [submit, read, cancel]}]
      pools:
        - id: quick
          provider: simulated
          concurrency: 64
          simulation: {first_token: PT0S, tokens_per_second: 0, output_tokens: 3}
        - id: sluggish
          provider: simulated
          concurrency: 4
          simulation: {tokens_per_second: 1, output_tokens: 5000}
      models:
        - {id: fast, routes: [{pool: quick, model: fast}]}
        - {id: slow, routes: [{pool: sluggish, model: slow}]}
        - {id: refused, routes: [{pool: quick, model: simulated-error-400}]}
      prices:
        - {pool: quick, model: fast, from: 2020-01-01, input: 0.15, output: 0.60}
      """;

  private static AllInOne sluice;
  private static BatchClient acme;
  private static BatchClient other;

  @BeforeAll
  static void serves(@TempDir Path folder) throws Exception {
    Map<String, String> secrets = Map.of("CI_KEY", "sk-acme", "OTHER_KEY", "sk-other");
    sluice = WholeSluice.in(folder, CONFIGURATION, secrets);
    String url = "http://" + sluice.start().http();
    acme = new BatchClient(url, "sk-acme");
    other = new BatchClient(url, "sk-other");
  }

  @AfterAll
  static void stops() {
    acme.close();
    other.close();
    sluice.close();
  }

  @Test
  void runsEveryLineOnceAndSaysWhatItCost() throws Exception {
    int count = 2_000;
    String file = acme.upload(lines(count, "fast") + line("bad", "refused") + "\n");

    String id = acme.create(file, "24h");
    JsonNode batch = acme.await(id, "end", status("completed"));

    assertEquals(count, batch.at("/request_counts/completed").asInt(), batch.toString());
    assertEquals(1, batch.at("/request_counts/failed").asInt());
    List<JsonNode> answers = acme.content(batch.path("output_file_id").asString());
    assertEquals(count, answers.size());
    assertEquals(count, customIds(answers).size());
    JsonNode answer = answers.getFirst();
    assertEquals(200, answer.at("/response/status_code").asInt());
    assertEquals("chat.completion", answer.at("/response/body/object").asString());
    List<JsonNode> errors = acme.content(batch.path("error_file_id").asString());
    assertEquals(Set.of("bad"), customIds(errors));
    assertEquals(400, errors.getFirst().at("/response/status_code").asInt());

    JsonNode job = json(acme.get("/v1/jobs/" + answer.at("/response/request_id").asString()));
    assertEquals(id, job.at("/tags/batch").asString(id));
    BigDecimal one = new BigDecimal(job.at("/cost/charged_usd").asString());
    assertTrue(one.signum() > 0);
    BigDecimal all = new BigDecimal(batch.at("/sluice/cost_usd").asString());
    assertTrue(all.compareTo(one.multiply(BigDecimal.valueOf(count / 2))) > 0, all.toString());
  }

  @Test
  void saysWhichLinesAreWrongAndRunsNone() throws Exception {
    String file =
        acme.upload(
            line("a", "fast")
                + "\n\n{\"custom_id\":\n"
                + line("a", "fast")
                + "\n"
                + line("b", "nobody")
                + "\n"
                + line("c", "fast").replace("/v1/chat/completions", "/v1/embeddings")
                + "\n");

    JsonNode batch = acme.await(acme.create(file, "24h"), "refusal", status("failed"));

    List<String> problems = new java.util.ArrayList<>();
    batch
        .at("/errors/data")
        .forEach(one -> problems.add(one.path("line").asInt() + " " + one.path("code").asString()));
    assertEquals(
        List.of(
            "3 invalid_json_line",
            "4 duplicate_custom_id",
            "5 model_not_found",
            "6 mismatched_url"),
        problems);
    assertTrue(batch.path("output_file_id").isNull());
  }

  @Test
  void keepsWhatIsDoneWhenTheWindowCloses() throws Exception {
    String file = acme.upload(lines(40, "fast") + line("late", "slow").replace(":3}", ":900}"));

    String id = acme.create(file, "12s");
    JsonNode partial =
        acme.await(id, "partial output", one -> one.at("/request_counts/completed").asInt() == 40);
    assertEquals("in_progress", partial.path("status").asString());
    assertEquals(40, acme.content(partial.path("output_file_id").asString()).size());
    JsonNode batch = acme.await(id, "expiry", status("expired"));

    assertEquals(40, acme.content(batch.path("output_file_id").asString()).size());
    List<JsonNode> errors = acme.content(batch.path("error_file_id").asString());
    assertEquals(Set.of("late"), customIds(errors));
    assertEquals("batch_expired", errors.getFirst().at("/error/code").asString());
    assertEquals(1, batch.at("/sluice/expired").asInt());
  }

  @Test
  void aCancelEndsWhatRunsAndWhatWaits() throws Exception {
    String file = acme.upload(lines(30, "slow").replace(":3}", ":900}"));
    String id = acme.create(file, "1h");
    acme.await(id, "run", status("in_progress"));

    JsonNode cancelling = json(acme.post("/v1/batches/" + id + "/cancel", ""));
    assertTrue(Set.of("cancelling", "cancelled").contains(cancelling.path("status").asString()));
    JsonNode batch = acme.await(id, "cancel", status("cancelled"));

    List<JsonNode> errors = acme.content(batch.path("error_file_id").asString());
    assertEquals(30, customIds(errors).size());
    assertEquals("batch_cancelled", errors.getFirst().at("/error/code").asString());
    JsonNode again = json(acme.post("/v1/batches/" + id + "/cancel", ""));
    assertEquals("cancelled", again.path("status").asString());
  }

  @Test
  void filesAndBatchesOfOthersLookAbsent() throws Exception {
    String file = acme.upload(line("a", "fast"));
    String id = acme.create(file, "24h");

    assertEquals(404, other.get("/v1/files/" + file).statusCode());
    assertEquals(404, other.get("/v1/files/" + file + "/content").statusCode());
    assertEquals(404, other.delete("/v1/files/" + file).statusCode());
    assertEquals(404, other.get("/v1/batches/" + id).statusCode());
    assertEquals(404, other.post("/v1/batches/" + id + "/cancel", "").statusCode());
    assertEquals(400, other.creating(file, "24h").statusCode());
    assertFalse(other.get("/v1/files").body().contains(file));
    assertTrue(acme.get("/v1/files?purpose=batch").body().contains(file));

    acme.await(id, "end", status("completed"));
    assertEquals(200, acme.delete("/v1/files/" + file).statusCode());
    assertEquals(404, acme.get("/v1/files/" + file).statusCode());
  }

  @Test
  void anUploadJoinsItsPartsInTheOrderSaid() throws Exception {
    String first = line("a", "fast") + "\n";
    String second = line("b", "fast") + "\n";
    JsonNode upload =
        json(
            acme.post(
                "/v1/uploads",
                """
                {"filename":"two.jsonl","purpose":"batch","mime_type":"text/jsonl","bytes":%d}\
                """
                    .formatted(first.length() + second.length())));
    String id = upload.path("id").asString();
    String b = json(acme.part(id, second)).path("id").asString();
    String a = json(acme.part(id, first)).path("id").asString();

    String complete = "/v1/uploads/" + id + "/complete";
    assertEquals(400, acme.post(complete, "{\"part_ids\":[\"%s\"]}".formatted(a)).statusCode());
    JsonNode done = json(acme.post(complete, "{\"part_ids\":[\"%s\",\"%s\"]}".formatted(a, b)));

    assertEquals("completed", done.path("status").asString());
    String file = done.at("/file/id").asString();
    assertEquals(first + second, acme.get("/v1/files/" + file + "/content").body());
    assertEquals(400, acme.post(complete, "{\"part_ids\":[\"%s\"]}".formatted(a)).statusCode());
  }

  @Test
  void refusesAFileWithoutAPurposeItKnows() throws Exception {
    assertEquals(400, acme.uploading("x", "nothing").statusCode());
    assertEquals(415, acme.post("/v1/files", "{}").statusCode());
  }

  @Test
  void takesRequestsOfAMessageBatchFromTheBody() throws Exception {
    String one =
        """
        {"custom_id":"%s","params":{"model":"fast","max_tokens":3,
        "messages":[{"role":"user","content":"hi"}]}}\
        """;
    String path = "/v1/messages/batches";
    JsonNode created =
        json(
            acme.post(
                path, "{\"requests\":[" + one.formatted("a") + "," + one.formatted("b") + "]}"));
    assertEquals("message_batch", created.path("type").asString());
    String id = created.path("id").asString();
    dev.sluice.testkit.Eventually.await(
        "end",
        java.time.Duration.ofSeconds(30),
        () -> json(acme.get(path + "/" + id)).path("processing_status").asString().equals("ended"));

    JsonNode ended = json(acme.get(path + "/" + id));
    assertEquals(0, ended.at("/request_counts/processing").asInt());
    assertTrue(ended.path("results_url").asString().endsWith(path + "/" + id + "/results"));
    List<JsonNode> results = lines(acme.get(path + "/" + id + "/results"));
    assertEquals(Set.of("a", "b"), customIds(results));
    assertEquals(200, acme.delete(path + "/" + id).statusCode());
    assertEquals(404, acme.get(path + "/" + id).statusCode());

    var duplicate =
        acme.post(path, "{\"requests\":[" + one.formatted("a") + "," + one.formatted("a") + "]}");
    assertEquals(400, duplicate.statusCode());
    assertTrue(duplicate.body().contains("requests.1"), duplicate.body());
  }

  @Test
  void openAisOwnSdkRunsItsFlow() {
    JsonNode seen = sdk("batch");

    assertEquals("batch", seen.path("filePurpose").asString());
    assertEquals("completed", seen.path("status").asString(), seen.toString());
    assertEquals(20, seen.at("/counts/completed").asInt());
    assertEquals(20, seen.path("customIds").size());
    assertEquals("[\"chat.completion\"]", seen.path("objects").toString());
    assertEquals("blue", seen.at("/metadata/team").asString());
    assertTrue(new BigDecimal(seen.path("cost").asString()).signum() > 0);
    assertTrue(seen.path("listed").asBoolean() && seen.path("fileListed").asBoolean());
    assertTrue(seen.path("deleted").asBoolean());
  }

  @Test
  void openAisOwnSdkCancels() {
    assertEquals("cancelled", sdk("cancel").path("ended").asString());
  }

  private static JsonNode sdk(String scene) {
    return NodeProject.at("openai")
        .run("batches.js", acme.url(), acme.key(), scene)
        .map(line -> JsonMapper.shared().readTree(line))
        .orElseThrow();
  }

  private static Set<String> customIds(List<JsonNode> lines) {
    return lines.stream()
        .map(line -> line.path("custom_id").asString())
        .collect(Collectors.toCollection(HashSet::new));
  }
}
