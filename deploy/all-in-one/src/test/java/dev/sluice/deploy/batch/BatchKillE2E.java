package dev.sluice.deploy.batch;

import static dev.sluice.deploy.batch.BatchClient.json;
import static dev.sluice.deploy.batch.BatchClient.lines;
import static dev.sluice.deploy.batch.BatchClient.status;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.deploy.SluiceProcess;
import dev.sluice.testkit.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A batch that outlives `kill -9` of the whole process, twice: every line has one answer, and one
/// charge.
class BatchKillE2E {
  private static final int LINES = 3_000;
  private static final int KILLS = 2;

  @TempDir Path folder;

  @Test
  void noLineIsLostAndNonePaidTwiceWhenTheProcessIsKilled() throws Exception {
    String id;
    SluiceProcess process = SluiceProcess.up(folder);
    try {
      BatchClient first = client(process);
      id = first.create(first.upload(lines(LINES, "demo")), "24h");
      for (int kill = 1; kill <= KILLS; kill++) {
        int enough = kill * LINES / 4;
        BatchClient client = kill == 1 ? first : client(process);
        client.await(
            id, "some lines", batch -> batch.at("/request_counts/completed").asInt() >= enough);
        process.kill();
        client.close();
        process = SluiceProcess.up(folder);
      }
      try (BatchClient last = client(process)) {
        JsonNode batch = last.await(id, "end", status("completed"));
        assertEquals(LINES, batch.at("/request_counts/completed").asInt(), batch.toString());

        List<JsonNode> answers = last.content(batch.path("output_file_id").asString());
        Set<String> customIds = new HashSet<>();
        answers.forEach(line -> customIds.add(line.path("custom_id").asString()));
        assertEquals(LINES, answers.size(), "one answer a line");
        assertEquals(LINES, customIds.size());
        Eventually.await("costs", Duration.ofSeconds(20), () -> charged(last) >= LINES);
        assertEquals(LINES, charged(last), "one charge a line");
      }
    } finally {
      process.close();
    }
  }

  @Test
  void theCommandGoesOnWhereItWasKilled() throws Exception {
    int count = 400;
    Path in = Files.writeString(folder.resolve("in.jsonl"), lines(count, "demo"));
    Path out = folder.resolve("out.jsonl");
    try (SluiceProcess server = SluiceProcess.up(folder)) {
      String url = server.url();
      String[] command = {"batch", "run", in.toString(), "-o", out.toString(), "--url", url};
      try (SluiceProcess first = SluiceProcess.start(folder, command)) {
        Eventually.await(
            "partial output",
            Duration.ofSeconds(60),
            () -> Files.exists(out) && Files.size(out) > 0);
        first.kill();
      }
      try (SluiceProcess second = SluiceProcess.start(folder, command)) {
        assertEquals(0, second.exitCode(), second.stderr());
        assertTrue(second.stderr().contains(count + "/" + count), second.stderr());
      }
      Set<String> customIds = new HashSet<>();
      List<String> written = Files.readAllLines(out);
      for (String line : written) {
        customIds.add(JsonMapper.shared().readTree(line).path("custom_id").asString());
      }
      assertEquals(count, written.size());
      assertEquals(count, customIds.size());
      try (BatchClient client = new BatchClient(url, "sk-sluice-demo")) {
        assertEquals(1, json(client.get("/v1/batches")).path("data").size());
      }
    }
  }

  private static int charged(BatchClient client) throws Exception {
    JsonNode costs = json(client.get("/v1/costs?by=tenant"));
    assertTrue(costs.path("data").size() <= 1, costs.toString());
    return costs.at("/data/0/jobs").asInt();
  }

  private static BatchClient client(SluiceProcess process) throws Exception {
    return new BatchClient(process.url(), "sk-sluice-demo");
  }
}
