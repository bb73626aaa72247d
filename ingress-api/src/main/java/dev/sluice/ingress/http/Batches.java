package dev.sluice.ingress.http;

import dev.sluice.contract.avro.BatchProblem;
import dev.sluice.contract.avro.BatchProgress;
import dev.sluice.contract.avro.BatchRequest;
import dev.sluice.contract.avro.KeyedCall;
import dev.sluice.contract.avro.StoredFile;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.ingress.batch.BatchFiles;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.core.batch.BatchStatus;
import dev.sluice.ingress.json.BatchForm;
import dev.sluice.ingress.json.JsonOut;
import dev.sluice.ingress.log.BatchFacts;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// `/v1/batches`: OpenAI's batches.
final class Batches {
  private static final int USUALLY_LISTED = 20;
  private static final int MOST_LISTED = 100;
  private static final String SURFACE = "openai";

  private final Surroundings around;
  private final Storage storage;
  private final Ids ids;
  private final Once once;

  Batches(Surroundings around, Ids ids, Once once) {
    this.around = around;
    this.storage = around.storage();
    this.ids = ids;
    this.once = once;
  }

  void create(Call call) throws IOException {
    BatchForm form = BatchForm.read(call.body());
    String tenant = call.principal().tenant();
    KeyedCall made = once.first(call, Once.fingerprint(call), () -> asked(call, form)).call();
    begin(storage, tenant, made);
    call.json(200, json(find(tenant, made.getThing())));
  }

  /// Begins a batch that has not begun. Begun twice at once it is one, since both write the same.
  static void begin(Storage storage, String tenant, KeyedCall made) {
    if (storage.batches().find(tenant, made.getThing()).isEmpty()) {
      storage.batches().submit(tenant, made.getThing(), made.getBatch());
    }
  }

  private KeyedCall asked(Call call, BatchForm form) {
    String tenant = call.principal().tenant();
    StoredFile input =
        storage
            .files()
            .file(tenant, form.inputFileId())
            .orElseThrow(() ->
                new RefusedException(
                    Refusal.field("/input_file_id", "input_file_id names no file of yours")));
    if (!input.getPurpose().equals("batch")) {
      throw new RefusedException(
          Refusal.field("/input_file_id", "the file's purpose must be batch"));
    }
    Instant now = around.clock().instant();
    OptionalLong ttl = form.outputTtlSeconds();
    BatchRequest request = new BatchRequest();
    request.setKeyId(call.principal().keyId());
    request.setSurface(SURFACE);
    request.setEndpoint(form.endpoint());
    request.setInputFileId(input.getId());
    request.setInput(input.getParts());
    request.setCompletionWindow(form.windowText());
    request.setCreatedAt(now);
    request.setExpiresAt(now.plus(form.window()));
    request.setMetadata(form.metadata());
    request.setOutputTtlSeconds(ttl.isPresent() ? ttl.getAsLong() : null);
    request.setReplyPartition(around.log().replyPartition());
    request.setSeed(ids.seed());
    request.setShards(around.policy().get().shards(tenant));
    request.setRequestHeaders(Map.of());
    KeyedCall asked = Once.making(ids.next("batch_", now));
    asked.setBatch(request);
    return asked;
  }

  void one(Call call) throws IOException {
    call.json(200, json(find(call.principal().tenant(), call.variable())));
  }

  void list(Call call) throws IOException {
    List<BatchFacts> all =
        storage.batches().list(call.principal().tenant()).stream().filter(Batches::ours).toList();
    Page<BatchFacts> page =
        Page.of(call, all, BatchFacts::id, new Page.Bounds(USUALLY_LISTED, MOST_LISTED));
    call.json(200, page.json(Batches::json));
  }

  void cancel(Call call) throws IOException {
    String tenant = call.principal().tenant();
    BatchFacts batch = find(tenant, call.variable());
    if (!batch.status().ended() && batch.cancelWishedAt().isEmpty()) {
      storage.batches().cancel(batch);
      batch = find(tenant, batch.id());
    }
    call.json(200, json(batch));
  }

  private BatchFacts find(String tenant, String id) {
    return storage
        .batches()
        .find(tenant, id)
        .filter(Batches::ours)
        .orElseThrow(() ->
            new RefusedException(Refusal.of(ErrorCode.NOT_FOUND, "there is no batch of this id")));
  }

  private static boolean ours(BatchFacts batch) {
    return batch.request().getSurface().equals(SURFACE);
  }

  private static byte[] json(BatchFacts batch) {
    BatchRequest request = batch.request();
    BatchProgress progress = batch.progress().orElse(null);
    BatchStatus status = batch.status();
    boolean cancelling = batch.cancelWishedAt().isPresent() && !status.ended();
    JsonOut out = new JsonOut(1_024);
    out.beginObject()
        .field("id", batch.id())
        .field("object", "batch")
        .field("endpoint", request.getEndpoint());
    errors(out, progress);
    out.textOrNull("input_file_id", request.getInputFileId())
        .field("completion_window", request.getCompletionWindow())
        .field("status", cancelling ? BatchStatus.CANCELLING.key() : status.key());
    boolean answers = progress != null && !progress.getOutput().isEmpty();
    boolean failures = progress != null && !progress.getErrors().isEmpty();
    out.textOrNull("output_file_id", answers ? BatchFiles.outputId(batch.id()) : "")
        .textOrNull("error_file_id", failures ? BatchFiles.errorsId(batch.id()) : "")
        .field("created_at", request.getCreatedAt().getEpochSecond());
    times(out, batch, progress);
    counts(out, progress);
    out.texts("metadata", request.getMetadata());
    money(out, progress);
    return out.endObject().toBytes();
  }

  private static void errors(JsonOut out, @Nullable BatchProgress progress) {
    out.name("errors");
    if (progress == null || progress.getProblems().isEmpty()) {
      out.nothing();
      return;
    }
    out.beginObject().field("object", "list").name("data").beginArray();
    for (BatchProblem problem : progress.getProblems()) {
      out.beginObject().field("code", problem.getCode()).name("line");
      Long line = problem.getLine();
      if (line == null) {
        out.nothing();
      } else {
        out.number(line);
      }
      out.field("message", problem.getMessage())
          .textOrNull("param", problem.getParam())
          .endObject();
    }
    out.endArray().endObject();
  }

  private static void times(JsonOut out, BatchFacts batch, @Nullable BatchProgress progress) {
    BatchStatus status = batch.status();
    Instant ended = progress == null ? null : progress.getEndedAt();
    seconds(out, "in_progress_at", progress == null ? null : progress.getInProgressAt());
    seconds(out, "expires_at", batch.request().getExpiresAt());
    seconds(out, "finalizing_at", progress == null ? null : progress.getFinalizingAt());
    seconds(out, "completed_at", status == BatchStatus.COMPLETED ? ended : null);
    seconds(out, "failed_at", status == BatchStatus.FAILED ? ended : null);
    seconds(out, "expired_at", status == BatchStatus.EXPIRED ? ended : null);
    seconds(out, "cancelling_at", batch.cancelWishedAt().orElse(null));
    seconds(out, "cancelled_at", status == BatchStatus.CANCELLED ? ended : null);
  }

  private static void seconds(JsonOut out, String name, @Nullable Instant at) {
    out.name(name);
    if (at == null) {
      out.nothing();
    } else {
      out.number(at.getEpochSecond());
    }
  }

  /// To the vendor a line that was cancelled or came too late is one that failed.
  private static void counts(JsonOut out, @Nullable BatchProgress progress) {
    long failed =
        progress == null
            ? 0
            : progress.getFailed() + progress.getCancelled() + progress.getExpired();
    out.name("request_counts")
        .beginObject()
        .field("total", progress == null ? 0 : progress.getTotal())
        .field("completed", progress == null ? 0 : progress.getSucceeded())
        .field("failed", failed)
        .endObject();
  }

  /// What the lines done so far cost; not the vendor's.
  static void money(JsonOut out, @Nullable BatchProgress progress) {
    BigDecimal charged = progress == null ? null : progress.getCharged();
    out.name("sluice")
        .beginObject()
        .field("cost_usd", charged == null ? "0" : charged.stripTrailingZeros().toPlainString())
        .field("unpriced", progress == null ? 0 : progress.getUnpriced())
        .field("input_tokens", progress == null ? 0 : progress.getInputTokens())
        .field("output_tokens", progress == null ? 0 : progress.getOutputTokens())
        .field("cancelled", progress == null ? 0 : progress.getCancelled())
        .field("expired", progress == null ? 0 : progress.getExpired())
        .endObject();
  }
}
