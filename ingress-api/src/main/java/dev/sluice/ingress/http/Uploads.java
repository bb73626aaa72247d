package dev.sluice.ingress.http;

import dev.sluice.contract.avro.BlobPart;
import dev.sluice.contract.avro.KeyedCall;
import dev.sluice.contract.avro.StoredFile;
import dev.sluice.contract.avro.Upload;
import dev.sluice.contract.avro.UploadPart;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.ingress.blob.Parts;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.json.JsonOut;
import dev.sluice.ingress.json.UploadForm;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Collectors;

/// `/v1/uploads`: a file that comes in parts. Completion joins the parts by name; no byte is
/// copied.
final class Uploads {
  private static final Duration LIFE = Duration.ofHours(1);
  private static final int FORM_BYTES = 1024 * 1024;
  private static final String PENDING = "pending";
  private static final String COMPLETED = "completed";
  private static final String CANCELLED = "cancelled";

  private final Surroundings around;
  private final Storage storage;
  private final Ids ids;
  private final Once once;

  Uploads(Surroundings around, Ids ids, Once once) {
    this.around = around;
    this.storage = around.storage();
    this.ids = ids;
    this.once = once;
  }

  void create(Call call) throws IOException {
    UploadForm form = UploadForm.read(call.body());
    if (form.bytes() > around.config().storage().fileBytes()) {
      throw new RefusedException(
          Refusal.of(
              ErrorCode.TOO_LARGE,
              "a file may have at most " + around.config().storage().fileBytes() + " bytes"));
    }
    Instant now = around.clock().instant();
    Upload upload = new Upload();
    upload.setId(ids.next("upload_", now));
    upload.setTenant(call.principal().tenant());
    upload.setFilename(form.filename());
    upload.setPurpose(form.purpose());
    upload.setMimeType(form.mimeType());
    upload.setBytes(form.bytes());
    upload.setCreatedAt(now);
    upload.setExpiresAt(now.plus(LIFE));
    upload.setStatus(PENDING);
    OptionalLong ttl = form.ttlSeconds();
    upload.setFileTtlSeconds(ttl.isPresent() ? ttl.getAsLong() : null);
    KeyedCall mine = Once.making(upload.getId());
    mine.setUpload(upload);
    Once.Made first = once.first(call, Once.fingerprint(call), () -> mine);
    Upload made = first.call().getUpload();
    Optional<Upload> known =
        first.again() ? storage.files().upload(made.getTenant(), made.getId()) : Optional.empty();
    if (known.isEmpty()) {
      storage.files().put(made);
    }
    call.json(200, json(known.orElse(made)));
  }

  void addPart(Call call) throws IOException {
    Upload upload = pending(call);
    Instant now = around.clock().instant();
    String id = ids.next("part_", now);
    long most = upload.getBytes() + FORM_BYTES;
    try (MultipartForm form =
        MultipartForm.read(call, storage.blobs(), "data", "uploads/" + id, most)) {
      MultipartForm.FilePart data = form.file();
      UploadPart part = new UploadPart();
      part.setId(id);
      part.setTenant(upload.getTenant());
      part.setUploadId(upload.getId());
      part.setCreatedAt(now);
      part.setMd5(data.md5());
      part.setContent(new BlobPart(data.key(), data.bytes()));
      KeyedCall mine = Once.making(id);
      mine.setPart(part);
      form.keep();
      List<BlobPart> bytes = List.of(part.getContent());
      UploadPart made =
          once.first(call, form.fingerprint(call.path()), mine, bytes).call().getPart();
      storage.files().put(made);
      call.json(
          200,
          new JsonOut()
              .beginObject()
              .field("id", made.getId())
              .field("object", "upload.part")
              .field("created_at", made.getCreatedAt().getEpochSecond())
              .field("upload_id", made.getUploadId())
              .endObject()
              .toBytes());
    }
  }

  void complete(Call call) throws IOException {
    UploadForm.Completion asked = UploadForm.Completion.read(call.body());
    StoredFile made =
        once.first(call, Once.fingerprint(call), () -> completion(pending(call), asked))
            .call()
            .getFile();
    Upload upload = find(call);
    if (!made.getId().equals(upload.getFileId())) {
      upload = pending(call);
      join(upload, made, asked);
    }
    call.json(200, json(upload));
  }

  private KeyedCall completion(Upload upload, UploadForm.Completion asked) throws IOException {
    List<UploadPart> all = storage.files().parts(upload.getTenant(), upload.getId());
    List<BlobPart> content = inOrder(all, asked.partIds());
    if (Parts.bytes(content) != upload.getBytes()) {
      throw new RefusedException(
          Refusal.field(
              "/part_ids",
              "the parts have "
                  + Parts.bytes(content)
                  + " bytes, the upload announced "
                  + upload.getBytes()));
    }
    if (!asked.md5().isEmpty() && !asked.md5().equals(md5(content))) {
      throw new RefusedException(Refusal.field("/md5", "md5 is not that of the parts"));
    }
    StoredFile file = file(upload, content);
    KeyedCall made = Once.making(file.getId());
    made.setFile(file);
    return made;
  }

  private void join(Upload upload, StoredFile file, UploadForm.Completion asked) {
    List<UploadPart> all = storage.files().parts(upload.getTenant(), upload.getId());
    storage.files().put(file);
    upload.setStatus(COMPLETED);
    upload.setFileId(file.getId());
    storage.files().put(upload);
    for (UploadPart part : all) {
      storage.files().removePart(part);
      if (!asked.partIds().contains(part.getId())) {
        storage.drop(List.of(part.getContent()));
      }
    }
  }

  private static List<BlobPart> inOrder(List<UploadPart> all, List<String> wanted) {
    Map<String, UploadPart> byId =
        all.stream().collect(Collectors.toMap(UploadPart::getId, Function.identity()));
    List<BlobPart> content = new ArrayList<>();
    for (String id : wanted) {
      UploadPart part = byId.remove(id);
      if (part == null) {
        throw new RefusedException(
            Refusal.field("/part_ids", "part_ids names a part that is not there, or one twice"));
      }
      content.add(part.getContent());
    }
    return content;
  }

  private String md5(List<BlobPart> content) throws IOException {
    try (InputStream in = new Parts(storage.blobs(), content, 0)) {
      MessageDigest digest = MessageDigest.getInstance("MD5");
      byte[] buffer = new byte[64 * 1024];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        digest.update(buffer, 0, count);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has MD5", e);
    }
  }

  private StoredFile file(Upload upload, List<BlobPart> content) {
    Instant now = around.clock().instant();
    Long ttl = upload.getFileTtlSeconds();
    StoredFile file = new StoredFile();
    file.setId(ids.next("file-", now));
    file.setTenant(upload.getTenant());
    file.setFilename(upload.getFilename());
    file.setPurpose(upload.getPurpose());
    file.setCreatedAt(now);
    file.setExpiresAt(ttl == null ? null : now.plusSeconds(ttl));
    file.setParts(content);
    return file;
  }

  void cancel(Call call) throws IOException {
    Once.Made first = once.first(call, Once.fingerprint(call), () -> Once.making(call.variable()));
    Upload known = find(call);
    if (first.again() && known.getStatus().equals(CANCELLED)) {
      call.json(200, json(known));
      return;
    }
    Upload upload = pending(call);
    upload.setStatus(CANCELLED);
    storage.files().put(upload);
    for (UploadPart part : storage.files().parts(upload.getTenant(), upload.getId())) {
      storage.files().removePart(part);
      storage.drop(List.of(part.getContent()));
    }
    call.json(200, json(upload));
  }

  private Upload find(Call call) {
    return storage
        .files()
        .upload(call.principal().tenant(), call.variable())
        .orElseThrow(() ->
            new RefusedException(Refusal.of(ErrorCode.NOT_FOUND, "there is no upload of this id")));
  }

  /// A copy, since what the view holds is shared.
  private Upload pending(Call call) {
    Upload upload = find(call);
    boolean late = !upload.getExpiresAt().isAfter(around.clock().instant());
    if (!upload.getStatus().equals(PENDING) || late) {
      throw new RefusedException(
          Refusal.field("/upload_id", "the upload is " + (late ? "expired" : upload.getStatus())));
    }
    return Upload.newBuilder(upload).build();
  }

  private byte[] json(Upload upload) {
    JsonOut out = new JsonOut();
    out.beginObject()
        .field("id", upload.getId())
        .field("object", "upload")
        .field("bytes", upload.getBytes())
        .field("created_at", upload.getCreatedAt().getEpochSecond())
        .field("filename", upload.getFilename())
        .field("purpose", upload.getPurpose())
        .field("status", upload.getStatus())
        .field("expires_at", upload.getExpiresAt().getEpochSecond())
        .name("file");
    String fileId = upload.getFileId();
    if (fileId == null) {
      out.nothing();
    } else {
      out.raw(Files.json(Files.find(storage, upload.getTenant(), fileId)));
    }
    return out.endObject().toBytes();
  }
}
