package dev.sluice.ingress.http;

import dev.sluice.contract.avro.BlobPart;
import dev.sluice.contract.avro.KeyedCall;
import dev.sluice.contract.avro.StoredFile;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.ingress.batch.BatchFiles;
import dev.sluice.ingress.blob.Parts;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.json.JsonOut;
import dev.sluice.ingress.json.UploadForm;
import io.undertow.util.HttpString;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// `/v1/files`: files of a tenant, their bytes in the blob store and never whole in memory.
final class Files {
  private static final int MOST_LISTED = 10_000;
  private static final int BUFFER_BYTES = 64 * 1024;
  private static final int FORM_BYTES = 1024 * 1024;
  private static final HttpString CONTENT_RANGE = new HttpString("Content-Range");
  private static final HttpString ACCEPT_RANGES = new HttpString("Accept-Ranges");

  private final Surroundings around;
  private final Storage storage;
  private final Ids ids;
  private final Once once;

  Files(Surroundings around, Ids ids, Once once) {
    this.around = around;
    this.storage = around.storage();
    this.ids = ids;
    this.once = once;
  }

  void create(Call call) throws IOException {
    Instant now = around.clock().instant();
    String id = ids.next("file-", now);
    long most = around.config().storage().fileBytes() + FORM_BYTES;
    try (MultipartForm form =
        MultipartForm.read(call, storage.blobs(), "file", "files/" + id, most)) {
      String purpose = UploadForm.purpose(form.field("purpose").orElse(""));
      OptionalLong ttl =
          UploadForm.ttl(form.field("expires_after[anchor]"), form.field("expires_after[seconds]"));
      MultipartForm.FilePart part = form.file();
      StoredFile file = new StoredFile();
      file.setId(id);
      file.setTenant(call.principal().tenant());
      file.setFilename(part.filename());
      file.setPurpose(purpose);
      file.setCreatedAt(now);
      file.setExpiresAt(ttl.isPresent() ? now.plusSeconds(ttl.getAsLong()) : null);
      file.setParts(List.of(new BlobPart(part.key(), part.bytes())));
      KeyedCall mine = Once.making(id);
      mine.setFile(file);
      form.keep();
      Once.Made first = once.first(call, form.fingerprint(call.path()), mine, file.getParts());
      StoredFile made = first.call().getFile();
      if (!first.again() || storage.files().file(made.getTenant(), made.getId()).isEmpty()) {
        storage.files().put(made);
      }
      call.json(200, json(made));
    }
  }

  void list(Call call) throws IOException {
    Optional<String> purpose = call.query("purpose");
    List<StoredFile> all =
        storage.files().files(call.principal().tenant()).stream()
            .filter(file -> purpose.map(file.getPurpose()::equals).orElse(true))
            .toList();
    Page<StoredFile> page =
        Page.of(call, all, StoredFile::getId, new Page.Bounds(MOST_LISTED, MOST_LISTED));
    call.json(200, page.json(Files::json));
  }

  void one(Call call) throws IOException {
    call.json(200, json(find(call)));
  }

  void delete(Call call) throws IOException {
    StoredFile file = find(call);
    if (inUse(file)) {
      throw new RefusedException(
          Refusal.field("/file_id", "a batch that runs uses this file; cancel the batch first"));
    }
    once.free(file.getTenant(), file.getId());
    storage.files().removeFile(file.getTenant(), file.getId());
    storage.drop(file.getParts());
    call.json(
        200,
        new JsonOut()
            .beginObject()
            .field("id", file.getId())
            .field("object", "file")
            .field("deleted", true)
            .endObject()
            .toBytes());
  }

  private boolean inUse(StoredFile file) {
    return storage.batches().list(file.getTenant()).stream()
        .filter(batch -> !batch.status().ended())
        .anyMatch(batch ->
            file.getId().equals(batch.request().getInputFileId())
                || BatchFiles.outputId(batch.id()).equals(file.getId())
                || BatchFiles.errorsId(batch.id()).equals(file.getId()));
  }

  /// The whole content, or with `Range: bytes=N-` what is after the first N bytes.
  void content(Call call) throws IOException {
    StoredFile file = find(call);
    long bytes = Parts.bytes(file.getParts());
    long from = from(call.header("Range").orElse(""));
    call.with(ACCEPT_RANGES, "bytes");
    if (from > 0 && from >= bytes) {
      call.with(CONTENT_RANGE, "bytes */" + bytes).empty(416);
      return;
    }
    if (from > 0) {
      call.with(CONTENT_RANGE, "bytes " + from + "-" + (bytes - 1) + "/" + bytes);
    }
    try (InputStream content = new Parts(storage.blobs(), file.getParts(), from)) {
      int status = from > 0 ? 206 : 200;
      send(call, status, "application/octet-stream", content, bytes - from);
    }
  }

  /// Sends a stream of known length, a buffer at a time. The answer begins once the first bytes are
  /// there, so that a store that fails can still be said.
  static void send(Call call, int status, String type, InputStream content, long bytes)
      throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    int first = content.read(buffer);
    ResponseStream out = call.openDownload(status, type, bytes);
    for (int count = first; count >= 0; count = content.read(buffer)) {
      out.write(ByteBuffer.wrap(buffer, 0, count));
    }
    call.end();
  }

  private static long from(String range) {
    return range.matches("bytes=[0-9]{1,15}-")
        ? Long.parseLong(range.substring(6, range.length() - 1))
        : 0;
  }

  private StoredFile find(Call call) {
    return find(storage, call.principal().tenant(), call.variable());
  }

  /// @throws RefusedException when the tenant has no such file
  static StoredFile find(Storage storage, String tenant, String id) {
    return storage
        .files()
        .file(tenant, id)
        .orElseThrow(() ->
            new RefusedException(Refusal.of(ErrorCode.NOT_FOUND, "there is no file of this id")));
  }

  static byte[] json(StoredFile file) {
    JsonOut out = new JsonOut();
    out.beginObject()
        .field("id", file.getId())
        .field("object", "file")
        .field("bytes", Parts.bytes(file.getParts()))
        .field("created_at", file.getCreatedAt().getEpochSecond())
        .name("expires_at");
    Instant end = file.getExpiresAt();
    if (end == null) {
      out.nothing();
    } else {
      out.number(end.getEpochSecond());
    }
    return out.field("filename", file.getFilename())
        .field("purpose", file.getPurpose())
        .field("status", "processed")
        .nullField("status_details")
        .endObject()
        .toBytes();
  }
}
