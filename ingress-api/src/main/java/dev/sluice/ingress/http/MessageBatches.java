package dev.sluice.ingress.http;

import dev.sluice.contract.avro.BatchProgress;
import dev.sluice.contract.avro.BatchRequest;
import dev.sluice.contract.avro.BlobPart;
import dev.sluice.contract.avro.KeyedCall;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.ingress.blob.BlobWriter;
import dev.sluice.ingress.blob.Parts;
import dev.sluice.ingress.core.Fingerprint;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.core.batch.BatchStatus;
import dev.sluice.ingress.core.batch.CustomIds;
import dev.sluice.ingress.core.batch.LineIds;
import dev.sluice.ingress.json.BatchLine;
import dev.sluice.ingress.json.Endpoints;
import dev.sluice.ingress.json.JsonOut;
import dev.sluice.ingress.json.RequestArray;
import dev.sluice.ingress.log.BatchFacts;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `/v1/messages/batches`: Anthropic's batches. The requests come in the body and go line by line
/// to the blob store, each checked on its way.
final class MessageBatches {
  private static final Duration WINDOW = Duration.ofHours(24);
  private static final int USUALLY_LISTED = 20;
  private static final int MOST_LISTED = 1_000;
  private static final int BUFFER_BYTES = 64 * 1024;
  private static final String SURFACE = "anthropic";
  private static final String PATH = "/v1/messages/batches";

  private final Surroundings around;
  private final Storage storage;
  private final Ids ids;
  private final Once once;

  MessageBatches(Surroundings around, Ids ids, Once once) {
    this.around = around;
    this.storage = around.storage();
    this.ids = ids;
    this.once = once;
  }

  void create(Call call) throws IOException {
    Instant now = around.clock().instant();
    String id = ids.next("msgbatch_", now);
    String tenant = call.principal().tenant();
    Intake intake = new Intake(call.path());
    BlobPart input = intake.read(call, "batches/" + id + "/in");
    BatchRequest request = new BatchRequest();
    request.setKeyId(call.principal().keyId());
    request.setSurface(SURFACE);
    request.setEndpoint(Endpoints.MESSAGES);
    request.setInput(List.of(input));
    request.setLines(intake.lines);
    request.setCompletionWindow("24h");
    request.setCreatedAt(now);
    request.setExpiresAt(now.plus(WINDOW));
    request.setMetadata(Map.of());
    request.setReplyPartition(around.log().replyPartition());
    request.setSeed(ids.seed());
    request.setShards(around.policy().get().shards(tenant));
    request.setRequestHeaders(RequestForm.anthropicHeaders(call.exchange()));
    KeyedCall mine = Once.making(id);
    mine.setBatch(request);
    KeyedCall first = once.first(call, intake.fingerprint.end(), mine, request.getInput()).call();
    Batches.begin(storage, tenant, first);
    call.json(200, json(call, find(tenant, first.getThing())));
  }

  /// The requests of one call on their way to the blob store.
  private final class Intake {
    private final CustomIds customIds = new CustomIds();
    private final Fingerprint.Gathering fingerprint;
    private long lines;

    Intake(String path) {
      fingerprint = Fingerprint.gather(path);
    }

    BlobPart read(Call call, String key) throws IOException {
      if (!RequestForm.isJson(call.exchange())) {
        throw new RefusedException(
            Refusal.of(ErrorCode.UNSUPPORTED_MEDIA_TYPE, "send Content-Type: application/json"));
      }
      RequestStream body = call.requestStream(around.config().storage().fileBytes());
      try (BlobWriter blob = storage.blobs().create(key)) {
        RequestArray requests =
            new RequestArray(around.config().limits().bodyBytes(), json -> take(json, blob));
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        while (body.read(buffer) >= 0) {
          fingerprint.add(buffer.flip());
          requests.feed(buffer);
          buffer.clear();
        }
        requests.finish();
        blob.commit();
        return new BlobPart(key, blob.bytes());
      }
    }

    private void take(byte[] json, BlobWriter blob) throws IOException {
      BatchLine line;
      try {
        line = BatchLine.anthropic(json);
      } catch (RefusedException e) {
        throw refused(e.refusal().pointer(), e.refusal().message());
      }
      if (!customIds.add(line.customId())) {
        throw refused("/custom_id", "custom_id is that of an earlier request");
      }
      if (around.policy().get().model(line.request().model()).isEmpty()) {
        throw refused("/params/model", "there is no model of this name");
      }
      if (++lines > LineIds.MAX_LINES) {
        throw refused("", "a batch has at most " + LineIds.MAX_LINES + " requests");
      }
      blob.write(ByteBuffer.wrap(json));
      blob.write(ByteBuffer.wrap(new byte[] {'\n'}));
    }

    private RefusedException refused(String pointer, String message) {
      return new RefusedException(
          Refusal.field("/requests/" + lines + pointer, "requests." + lines + ": " + message));
    }
  }

  void one(Call call) throws IOException {
    call.json(200, json(call, find(call.principal().tenant(), call.variable())));
  }

  void list(Call call) throws IOException {
    List<BatchFacts> all =
        storage.batches().list(call.principal().tenant()).stream()
            .filter(MessageBatches::ours)
            .toList();
    Page<BatchFacts> page =
        Page.of(call, all, BatchFacts::id, new Page.Bounds(USUALLY_LISTED, MOST_LISTED));
    call.json(200, page.json(batch -> json(call, batch)));
  }

  void cancel(Call call) throws IOException {
    String tenant = call.principal().tenant();
    BatchFacts batch = find(tenant, call.variable());
    if (!batch.status().ended() && batch.cancelWishedAt().isEmpty()) {
      storage.batches().cancel(batch);
      batch = find(tenant, batch.id());
    }
    call.json(200, json(call, batch));
  }

  void delete(Call call) throws IOException {
    BatchFacts batch = find(call.principal().tenant(), call.variable());
    if (!batch.status().ended()) {
      throw new RefusedException(
          Refusal.field("/id", "the batch has not ended; cancel it first and wait for its end"));
    }
    once.free(batch.tenant(), batch.id());
    storage.batches().remove(batch);
    storage.drop(batch.request().getInput());
    storage.drop(batch.progress().map(BatchProgress::getOutput).orElse(List.of()));
    call.json(
        200,
        new JsonOut()
            .beginObject()
            .field("id", batch.id())
            .field("type", "message_batch_deleted")
            .endObject()
            .toBytes());
  }

  /// The results so far, one a line, in the order they came.
  void results(Call call) throws IOException {
    BatchFacts batch = find(call.principal().tenant(), call.variable());
    List<BlobPart> parts = batch.progress().map(BatchProgress::getOutput).orElse(List.of());
    try (InputStream content = new Parts(storage.blobs(), parts, 0)) {
      Files.send(call, 200, "application/x-jsonl", content, Parts.bytes(parts));
    }
  }

  private BatchFacts find(String tenant, String id) {
    return storage
        .batches()
        .find(tenant, id)
        .filter(MessageBatches::ours)
        .orElseThrow(() ->
            new RefusedException(Refusal.of(ErrorCode.NOT_FOUND, "there is no batch of this id")));
  }

  private static boolean ours(BatchFacts batch) {
    return batch.request().getSurface().equals(SURFACE);
  }

  private byte[] json(Call call, BatchFacts batch) {
    BatchProgress progress = batch.progress().orElse(null);
    boolean ended = batch.status().ended();
    Instant endedAt = progress == null ? null : progress.getEndedAt();
    JsonOut out = new JsonOut(1_024);
    out.beginObject()
        .field("id", batch.id())
        .field("type", "message_batch")
        .field(
            "processing_status",
            ended ? "ended" : batch.cancelWishedAt().isPresent() ? "canceling" : "in_progress");
    counts(out, batch, progress);
    out.instantOrNull("ended_at", endedAt)
        .instantOrNull("created_at", batch.request().getCreatedAt())
        .instantOrNull("expires_at", batch.request().getExpiresAt())
        .nullField("archived_at")
        .instantOrNull("cancel_initiated_at", batch.cancelWishedAt().orElse(null))
        .textOrNull(
            "results_url",
            progress == null || (progress.getOutput().isEmpty() && !ended)
                ? ""
                : base(call) + PATH + "/" + batch.id() + "/results");
    Batches.money(out, progress);
    return out.endObject().toBytes();
  }

  private static void counts(JsonOut out, BatchFacts batch, @Nullable BatchProgress progress) {
    long total = batch.request().getLines();
    long succeeded = progress == null ? 0 : progress.getSucceeded();
    long cancelled = progress == null ? 0 : progress.getCancelled();
    long expired = progress == null ? 0 : progress.getExpired();
    long errored = progress == null ? 0 : progress.getFailed();
    if (batch.status() == BatchStatus.FAILED) {
      errored = total;
    } else if (batch.status() == BatchStatus.CANCELLED && progress != null) {
      cancelled += progress.getTotal() == 0 ? total : 0;
    }
    out.name("request_counts")
        .beginObject()
        .field("processing", total - succeeded - cancelled - expired - errored)
        .field("succeeded", succeeded)
        .field("errored", errored)
        .field("canceled", cancelled)
        .field("expired", expired)
        .endObject();
  }

  /// How the caller reaches this Sluice.
  private String base(Call call) {
    String said =
        around
            .config()
            .storage()
            .publicUrl()
            .map(URI::toString)
            .orElseGet(() ->
                call.exchange().getRequestScheme() + "://" + call.exchange().getHostAndPort());
    return said.endsWith("/") ? said.substring(0, said.length() - 1) : said;
  }
}
