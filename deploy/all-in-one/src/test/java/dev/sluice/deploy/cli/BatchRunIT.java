package dev.sluice.deploy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.deploy.InThisJvm;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@InThisJvm
class BatchRunIT {
  private static final String BATCH =
      """
      {"id":"batch_1","status":"%s","output_file_id":%s,"error_file_id":null,\
      "request_counts":{"total":1,"completed":%d,"failed":0},"sluice":{"cost_usd":"0"}}\
      """;

  @TempDir Path folder;

  @Test
  void goesOnWhenTheServerWasAway() throws Exception {
    Path in = Files.writeString(folder.resolve("in.jsonl"), "{}\n");
    Path out = folder.resolve("out.jsonl");
    try (FakeSluice sluice = new FakeSluice()) {
      sluice
          .on("POST /v1/files", 200, "{\"id\":\"file-1\"}")
          .on("POST /v1/batches", 200, "{\"id\":\"batch_1\"}")
          .on("GET /v1/batches/batch_1", 200, BATCH.formatted("in_progress", "null", 0))
          .on("GET /v1/batches/batch_1", 503, "{\"error\":{\"message\":\"stopping\"}}")
          .on("GET /v1/batches/batch_1", 200, BATCH.formatted("completed", "\"file-2\"", 1))
          .on("GET /v1/files/file-2/content", 200, "{\"custom_id\":\"a\"}\n");

      CommandRun run =
          CommandRun.of("batch", "run", in.toString(), "-o", out.toString(), "--url", sluice.url());

      assertEquals(0, run.code(), run.err());
      assertTrue(run.err().contains("503 stopping; trying again"), run.err());
      assertTrue(run.err().contains("answers again"), run.err());
      assertEquals("{\"custom_id\":\"a\"}\n", Files.readString(out));
    }
  }

  @Test
  void endsWhenTheServerRefuses() throws Exception {
    Path in = Files.writeString(folder.resolve("in.jsonl"), "{}\n");
    try (FakeSluice sluice = new FakeSluice()) {
      sluice
          .on("POST /v1/files", 200, "{\"id\":\"file-1\"}")
          .on("POST /v1/batches", 200, "{\"id\":\"batch_1\"}")
          .on("GET /v1/batches/batch_1", 401, "{\"error\":{\"message\":\"no valid key\"}}");

      CommandRun run =
          CommandRun.of(
              "batch",
              "run",
              in.toString(),
              "-o",
              folder.resolve("out.jsonl").toString(),
              "--url",
              sluice.url());

      assertEquals(5, run.code(), run.err());
    }
  }
}
