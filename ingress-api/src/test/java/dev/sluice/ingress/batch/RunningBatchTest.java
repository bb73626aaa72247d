package dev.sluice.ingress.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.avro.BatchProgress;
import dev.sluice.contract.avro.BatchRequest;
import dev.sluice.contract.avro.BlobPart;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.JobStatus;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.blob.BlobStore;
import dev.sluice.ingress.blob.BlobWriter;
import dev.sluice.ingress.blob.FolderBlobs;
import dev.sluice.ingress.blob.Parts;
import dev.sluice.ingress.core.batch.BatchStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A runner that dies again and again, before and after its transactions, over a log in memory.
class RunningBatchTest {
  private static final int LINES = 3_000;
  private static final Instant START = Instant.parse("2026-11-28T10:00:00Z");
  private static final Pattern CUSTOM_ID = Pattern.compile("\"custom_id\":\"(line-\\d+)\"");

  @TempDir Path folder;

  private BlobStore blobs;
  private SplittableRandom random;
  private BatchProgress committed;
  private List<BlobPart> input = List.of();
  private final List<String> submitted = new ArrayList<>();
  private final List<JobResult> results = new ArrayList<>();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 20261128})
  void everyLineIsSubmittedOnceAndToldOnceHoweverOftenTheRunnerDies(long seed) throws IOException {
    begin(seed);

    run(false);

    assertEquals(BatchStatus.COMPLETED.key(), committed.getStatus());
    assertEquals(LINES, submitted.size());
    assertEquals(LINES, new HashSet<>(submitted).size());
    assertEquals(LINES, committed.getSucceeded());
    assertAllTold(committed.getOutput(), LINES);
  }

  @ParameterizedTest
  @ValueSource(longs = {4, 5})
  void aCancelledBatchTellsOfEveryLineOnce(long seed) throws IOException {
    begin(seed);

    run(true);

    assertEquals(BatchStatus.CANCELLED.key(), committed.getStatus());
    assertEquals(submitted.size(), new HashSet<>(submitted).size());
    List<String> told = told(committed.getOutput());
    told.addAll(told(committed.getErrors()));
    assertEquals(LINES, told.size());
    assertEquals(LINES, Set.copyOf(told).size());
    assertEquals(LINES, committed.getSucceeded() + committed.getCancelled());
  }

  private void begin(long seed) throws IOException {
    random = new SplittableRandom(seed);
    blobs = new FolderBlobs(folder);
    try (BlobWriter in = blobs.create("in")) {
      for (int i = 0; i < LINES; i++) {
        in.write(ByteBuffer.wrap(line(i).getBytes(StandardCharsets.UTF_8)));
      }
      in.commit();
      input = List.of(new BlobPart("in", in.bytes()));
    }
    committed = RunningBatch.begin(LINES, 0, START);
  }

  private static String line(int number) {
    return """
    {"custom_id":"line-%d","method":"POST","url":"/v1/chat/completions",\
    "body":{"model":"m","messages":[{}]}}
    """
        .formatted(number);
  }

  private void run(boolean cancel) throws IOException {
    RunningBatch batch = resume(false);
    int read = 0;
    Instant now = START;
    for (int turn = 0; !BatchStatus.of(committed.getStatus()).ended(); turn++) {
      assertTrue(turn < 20_000, "it comes to an end");
      now = now.plusMillis(random.nextInt(400));
      boolean wished = cancel && submitted.size() > LINES / 3;
      if (wished) {
        batch.wishCancel();
      }
      for (int n = random.nextInt(200); n > 0 && read < results.size(); n--) {
        JobResult result = results.get(read++);
        batch.take(JobId.parse(result.getJobId()).orElseThrow(), result, now);
      }
      Optional<Turn> written = batch.turn(read, now);
      int fate = random.nextInt(20);
      if (written.isPresent() && fate != 0) {
        commit(written.get());
      }
      if (fate <= 1) {
        batch.close();
        batch = resume(wished);
        read = (int) batch.resultsOffset();
      }
    }
    batch.close();
  }

  private void commit(Turn turn) {
    committed = turn.progress();
    for (Submission submission : turn.submissions()) {
      submitted.add(submission.getJobId());
      JobResult result = new JobResult();
      result.setJobId(submission.getJobId());
      result.setTenant("acme");
      result.setStatus(JobStatus.SUCCEEDED);
      result.setResult(ByteBuffer.wrap("{\n\"a\": 1}".getBytes(StandardCharsets.UTF_8)));
      results.add(result);
      if (random.nextInt(50) == 0) {
        // The router sends a result again when it has crashed.
        results.add(results.get(random.nextInt(results.size())));
      }
    }
  }

  private RunningBatch resume(boolean cancelWished) throws IOException {
    BatchRequest request = new BatchRequest();
    request.setKeyId("k");
    request.setSurface("openai");
    request.setEndpoint("/v1/chat/completions");
    request.setInput(input);
    request.setCompletionWindow("24h");
    request.setCreatedAt(START);
    request.setExpiresAt(START.plusSeconds(86_400));
    request.setMetadata(Map.of());
    request.setRequestHeaders(Map.of());
    request.setSeed(77);
    request.setShards(3);
    BatchRecord record =
        new BatchRecord(
            "batch_01m8hcayt400000vpkhkc232gw",
            "acme",
            request,
            cancelWished,
            BatchProgress.newBuilder(committed).build());
    return RunningBatch.resume(record, new BatchInput(blobs, request, 10_000), random);
  }

  private void assertAllTold(List<BlobPart> output, int count) throws IOException {
    List<String> told = told(output);
    assertEquals(count, told.size());
    assertEquals(count, Set.copyOf(told).size());
  }

  private List<String> told(List<BlobPart> parts) throws IOException {
    List<String> told = new ArrayList<>();
    try (Parts content = new Parts(blobs, parts, 0)) {
      new String(content.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .forEach(line -> {
            var found = CUSTOM_ID.matcher(line);
            assertTrue(found.find(), line);
            told.add(found.group(1));
          });
    }
    return told;
  }
}
