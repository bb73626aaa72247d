package dev.sluice.deploy.batch;

import static dev.sluice.deploy.batch.BatchClient.json;
import static dev.sluice.deploy.batch.BatchClient.lines;
import static dev.sluice.deploy.batch.BatchClient.status;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.deploy.SluiceProcess;
import dev.sluice.testkit.S3Server;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Two ingress processes that share a bucket and nothing else but the log.
class SharedBucketE2E {
  private static final int LINES = 300;
  private static final String KEY = "sk-bucket";
  private static final String CONFIGURATION =
      """
      server:
        port: 0
        admin_port: 0
        data: %s
        %s
        blobs:
          s3:
            bucket: %s
            endpoint: %s
            prefix: sluice
            path_style: true
            access_key_id: "${file:%s}"
            secret_access_key: "${file:%s}"
      tenants:
        - id: acme
          keys: [{id: ci, secret: "${file:%s}", scopes: [submit, read, cancel]}]
      pools:
        - id: quick
          provider: simulated
          concurrency: 64
          simulation: {first_token: PT0S, tokens_per_second: 0, output_tokens: 3}
      models: [{id: fast, routes: [{pool: quick, model: fast}]}]
      """;

  @TempDir Path folder;

  @Test
  void aFileOfOneIngressIsABatchOfAnotherAndAnOutageOfTheStoreLosesNothing() throws Exception {
    S3Server store = S3Server.start(folder);
    try {
      int port = store.port();
      try (SluiceProcess up = start("up", "kafka_port: 0", store)) {
        String[] ready = up.line().split(" ");
        String brokers = "kafka: {bootstrap_servers: \"%s\"}".formatted(ready[3]);
        try (SluiceProcess other = start("ingress", brokers, store);
            BatchClient first = new BatchClient(ready[1], KEY);
            BatchClient second = new BatchClient(other.line().split(" ")[2], KEY)) {
          String input = second.upload(lines(LINES, "fast"));
          assertEquals(LINES, first.content(input).size());
          assertTrue(Files.exists(folder.resolve("objects").resolve(S3Server.BUCKET)));
          assertOneUnderAKey(first, second);

          store.close();
          HttpResponse<String> refused = second.uploading("x", "batch");
          assertEquals(503, refused.statusCode(), refused.body());
          assertTrue(refused.headers().firstValue("retry-after").isPresent());
          assertEquals(503, second.get("/v1/files/" + input + "/content").statusCode());
          String id = first.create(input, "24h");
          store = S3Server.start(folder, port);

          JsonNode batch = second.await(id, "end", status("completed"));
          assertEquals(LINES, batch.at("/request_counts/completed").asInt(), batch.toString());
          String output = batch.path("output_file_id").asString();
          List<JsonNode> answers = second.content(output);
          assertEquals(LINES, answers.size());
          assertEquals(answers, first.content(output));
          assertFalse(Files.exists(folder.resolve("data").resolve("blobs")));
          json(second.delete("/v1/files/" + output));
          assertEquals(404, first.get("/v1/files/" + output + "/content").statusCode());
        }
      }
    } finally {
      store.close();
    }
  }

  /// Uploads under one key at once, half of them to each ingress.
  private static void assertOneUnderAKey(BatchClient first, BatchClient second) throws Exception {
    Set<String> ids = new HashSet<>();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<HttpResponse<String>>> answers = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        BatchClient client = i % 2 == 0 ? first : second;
        answers.add(callers.submit(() -> client.uploading("{}", "batch", "Idempotency-Key", "k")));
      }
      for (Future<HttpResponse<String>> answer : answers) {
        ids.add(json(answer.get()).path("id").asString());
      }
    }
    assertEquals(1, ids.size(), ids.toString());
    String id = ids.iterator().next();
    assertEquals(1, first.content(id).size());
    assertEquals(422, second.uploading("[]", "batch", "Idempotency-Key", "k").statusCode());
    json(second.delete("/v1/files/" + id));
  }

  private SluiceProcess start(String command, String kafka, S3Server store) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve(command + ".yaml"),
            CONFIGURATION.formatted(
                folder.resolve(command.equals("up") ? "data" : command),
                kafka,
                S3Server.BUCKET,
                store.url(),
                secret("id", S3Server.KEY_ID),
                secret("secret", S3Server.SECRET),
                secret("key", KEY)));
    return SluiceProcess.start(folder, command, "-c", file.toString());
  }

  private Path secret(String name, String value) throws Exception {
    return Files.writeString(folder.resolve(name), value);
  }
}
