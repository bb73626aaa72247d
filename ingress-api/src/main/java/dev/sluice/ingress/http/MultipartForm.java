package dev.sluice.ingress.http;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.ingress.blob.BlobStore;
import dev.sluice.ingress.blob.BlobWriter;
import dev.sluice.ingress.core.Fingerprint;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.MultipartParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Reads `multipart/form-data`: small fields into memory, the one file straight into the blob
/// store. Owned by one thread, used once; closing it removes a file that nobody has kept.
final class MultipartForm implements AutoCloseable {
  private static final int BUFFER_BYTES = 64 * 1024;
  private static final int MAX_FIELD_BYTES = 8 * 1024;
  private static final int MAX_FIELDS = 32;

  private final BlobStore blobs;
  private final String fileField;
  private final String key;
  private final Map<String, String> fields = new HashMap<>();
  private final MessageDigest md5;
  private @Nullable BlobWriter writer;
  private @Nullable FilePart file;
  private boolean kept;

  /// @param key of its bytes in the blob store
  /// @param md5 of its bytes, lower-case hex
  record FilePart(String filename, String key, long bytes, String md5) {}

  private MultipartForm(BlobStore blobs, String fileField, String key) {
    this.blobs = blobs;
    this.fileField = fileField;
    this.key = key;
    try {
      this.md5 = MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has MD5", e);
    }
  }

  /// Reads the whole body.
  ///
  /// @param fileField the field that holds the file
  /// @param key where the file goes
  static MultipartForm read(Call call, BlobStore blobs, String fileField, String key, long maxBytes)
      throws IOException {
    MultipartForm form = new MultipartForm(blobs, fileField, key);
    try {
      form.parse(call, maxBytes);
      return form;
    } catch (UncheckedIOException e) {
      form.close();
      throw e.getCause();
    } catch (IOException | RuntimeException e) {
      form.close();
      throw e;
    }
  }

  private void parse(Call call, long maxBytes) throws IOException {
    RequestStream body = call.requestStream(maxBytes);
    String type = call.header("Content-Type").orElse("");
    String boundary =
        type.regionMatches(true, 0, "multipart/form-data", 0, 19)
            ? Headers.extractQuotedValueFromHeader(type, "boundary")
            : null;
    if (boundary == null || boundary.isEmpty()) {
      throw new RefusedException(
          Refusal.of(ErrorCode.UNSUPPORTED_MEDIA_TYPE, "send Content-Type: multipart/form-data"));
    }
    MultipartParser.ParseState state =
        MultipartParser.beginParse(
            call.exchange().getConnection().getByteBufferPool(),
            new Parts(),
            boundary.getBytes(StandardCharsets.US_ASCII),
            StandardCharsets.UTF_8.name());
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    while (body.read(buffer) >= 0) {
      buffer.flip();
      state.parse(buffer);
      buffer.clear();
    }
    if (!state.isComplete()) {
      throw new RefusedException(
          Refusal.of(ErrorCode.BAD_FRAMING, "the multipart body ends before its last boundary"));
    }
  }

  Optional<String> field(String name) {
    return Optional.ofNullable(fields.get(name));
  }

  /// The file.
  ///
  /// @throws RefusedException when there is none
  FilePart file() {
    FilePart found = file;
    if (found == null) {
      throw new RefusedException(Refusal.field("/" + fileField, fileField + " is required"));
    }
    return found;
  }

  /// From now on the file stays.
  void keep() {
    kept = true;
  }

  /// The digest of what the form says, whatever boundary its parts have and in what order they
  /// come.
  ///
  /// @param path the form was sent to
  ByteBuffer fingerprint(String path) {
    FilePart content = file();
    StringBuilder said = new StringBuilder();
    new TreeMap<>(fields).forEach((name, value) -> add(add(said, name), value));
    add(add(said, content.filename()), content.md5());
    return Fingerprint.of(path, said.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static StringBuilder add(StringBuilder said, String text) {
    return said.append(text.length()).append(':').append(text);
  }

  @Override
  public void close() throws IOException {
    BlobWriter unfinished = writer;
    if (unfinished != null) {
      unfinished.close();
    }
    if (file != null && !kept) {
      blobs.delete(key);
    }
  }

  private final class Parts implements MultipartParser.PartHandler {
    private String name = "";
    private String filename = "";
    private ByteArrayOutputStream text = new ByteArrayOutputStream();

    @Override
    public void beginPart(HeaderMap headers) {
      String disposition = headers.getFirst(Headers.CONTENT_DISPOSITION);
      String named =
          disposition == null ? null : Headers.extractQuotedValueFromHeader(disposition, "name");
      String file =
          disposition == null
              ? null
              : Headers.extractQuotedValueFromHeaderWithEncoding(disposition, "filename");
      name = named == null ? "" : named;
      filename = file == null ? "" : file;
      text = new ByteArrayOutputStream();
      if (name.equals(fileField)) {
        begin();
      }
    }

    private void begin() {
      if (MultipartForm.this.file != null || writer != null) {
        throw new RefusedException(Refusal.field("/" + fileField, "one file at a time"));
      }
      try {
        writer = blobs.create(key);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void data(ByteBuffer buffer) throws IOException {
      BlobWriter open = writer;
      if (open != null) {
        md5.update(buffer.duplicate());
        open.write(buffer);
        return;
      }
      if (text.size() + buffer.remaining() > MAX_FIELD_BYTES) {
        throw new RefusedException(Refusal.of(ErrorCode.TOO_LARGE, "a form field is too long"));
      }
      byte[] bytes = new byte[buffer.remaining()];
      buffer.get(bytes);
      text.writeBytes(bytes);
    }

    @Override
    public void endPart() {
      BlobWriter open = writer;
      if (open == null) {
        fields.put(name, text.toString(StandardCharsets.UTF_8));
        if (fields.size() > MAX_FIELDS) {
          throw new RefusedException(Refusal.of(ErrorCode.TOO_LARGE, "too many form fields"));
        }
        return;
      }
      try {
        open.commit();
        writer = null;
        String digest = HexFormat.of().formatHex(md5.digest());
        MultipartForm.this.file = new FilePart(filename, key, open.bytes(), digest);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
