package dev.sluice.ingress.blob;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/// An object on its way. What is held is sent when a part is full and more comes; an object that
/// never fills one goes up in one request. Owned by one thread.
final class S3Writer implements BlobWriter {
  /// A file of two gigabytes has 256 of them; the store allows ten thousand.
  static final int PART_BYTES = 8 * 1024 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(S3Writer.class);
  private static final int FIRST_BYTES = 64 * 1024;

  private final S3Client client;
  private final String bucket;
  private final String name;
  private final WriteTime time;
  private final List<CompletedPart> parts = new ArrayList<>();
  private byte[] held = new byte[FIRST_BYTES];
  private int size;
  private long bytes;
  private @Nullable String upload;
  private boolean committed;

  S3Writer(S3Client client, String bucket, String name, WriteTime time) {
    this.client = client;
    this.bucket = bucket;
    this.name = name;
    this.time = time;
  }

  @Override
  public void write(ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (size == PART_BYTES) {
        sendPart();
      }
      int count = Math.min(buffer.remaining(), PART_BYTES - size);
      if (size + count > held.length) {
        held = Arrays.copyOf(held, Math.min(PART_BYTES, Math.max(2 * held.length, size + count)));
      }
      buffer.get(held, size, count);
      size += count;
      bytes += count;
    }
  }

  @Override
  public long bytes() {
    return bytes;
  }

  private void sendPart() throws IOException {
    int number = parts.size() + 1;
    try {
      String id = upload;
      if (id == null) {
        id = client.createMultipartUpload(request -> request.bucket(bucket).key(name)).uploadId();
        upload = id;
      }
      String uploadId = id;
      String tag =
          client
              .uploadPart(
                  request ->
                      request
                          .bucket(bucket)
                          .key(name)
                          .uploadId(uploadId)
                          .partNumber(number)
                          .contentMD5(md5()),
                  body())
              .eTag();
      parts.add(CompletedPart.builder().partNumber(number).eTag(tag).build());
      size = 0;
    } catch (SdkException e) {
      throw S3Failures.of(e, name);
    }
  }

  private RequestBody body() {
    return RequestBody.fromByteBuffer(ByteBuffer.wrap(held, 0, size));
  }

  private String md5() {
    try {
      MessageDigest digest = MessageDigest.getInstance("MD5");
      digest.update(held, 0, size);
      return Base64.getEncoder().encodeToString(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has MD5", e);
    }
  }

  @Override
  public void commit() throws IOException {
    time.check();
    String id = upload;
    if (id != null) {
      if (size > 0) {
        sendPart();
      }
      complete(id);
    } else {
      putWhole();
    }
    committed = true;
  }

  private void putWhole() throws IOException {
    try {
      client.putObject(request -> request.bucket(bucket).key(name).contentMD5(md5()), body());
    } catch (SdkException e) {
      throw S3Failures.of(e, name);
    }
  }

  /// An answer can be lost and the request tried again: then the upload is not known any more, and
  /// the object is there.
  private void complete(String uploadId) throws IOException {
    try {
      client.completeMultipartUpload(request ->
          request
              .bucket(bucket)
              .key(name)
              .uploadId(uploadId)
              .multipartUpload(all -> all.parts(parts)));
    } catch (SdkException e) {
      if (!S3Failures.code(e).equals("NoSuchUpload") || !isWhole()) {
        throw S3Failures.of(e, name);
      }
    }
  }

  private boolean isWhole() throws IOException {
    try {
      Long length = client.headObject(request -> request.bucket(bucket).key(name)).contentLength();
      return length != null && length == bytes;
    } catch (SdkException e) {
      throw S3Failures.of(e, name);
    }
  }

  @Override
  public void close() {
    String id = upload;
    if (committed || id == null) {
      return;
    }
    try {
      client.abortMultipartUpload(request -> request.bucket(bucket).key(name).uploadId(id));
    } catch (SdkException e) {
      // Nobody sees its parts, and the sweep removes them.
      LOG.atDebug().setCause(e).log("unfinished upload left to the sweep");
    }
  }
}
