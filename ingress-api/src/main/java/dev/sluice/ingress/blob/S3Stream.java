package dev.sluice.ingress.blob;

import dev.sluice.ingress.blob.BlobStoreException.Kind;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/// An object from an offset to its end. A reader may leave it for hours, as a batch does whose
/// lines run, and a store closes such a connection: it goes on with another from where it was.
/// Owned by one thread.
final class S3Stream extends InputStream {
  /// Breaks in a row without a byte between them.
  private static final int BREAKS = 3;

  private static final int BEYOND_THE_END = 416;

  private final S3Client client;
  private final String bucket;
  private final String name;
  private final long end;
  private long position;
  private int breaks;
  private @Nullable ResponseInputStream<GetObjectResponse> open;

  private S3Stream(S3Client client, String bucket, String name, Opened first, long from) {
    this.client = client;
    this.bucket = bucket;
    this.name = name;
    this.open = first.stream();
    this.position = from;
    this.end = from + first.length();
  }

  private record Opened(@Nullable ResponseInputStream<GetObjectResponse> stream, long length) {}

  /// @throws java.nio.file.NoSuchFileException when there is no such object
  static S3Stream open(S3Client client, String bucket, String name, long from) throws IOException {
    return new S3Stream(client, bucket, name, request(client, bucket, name, from), from);
  }

  private static Opened request(S3Client client, String bucket, String name, long from)
      throws IOException {
    GetObjectRequest.Builder request = GetObjectRequest.builder().bucket(bucket).key(name);
    if (from > 0) {
      request.range("bytes=" + from + "-");
    }
    try {
      ResponseInputStream<GetObjectResponse> stream = client.getObject(request.build());
      Long length = stream.response().contentLength();
      if (length == null) {
        stream.abort();
        throw new BlobStoreException(Kind.REFUSED, "the blob store does not say a blob's length");
      }
      return new Opened(stream, length);
    } catch (SdkException e) {
      if (e instanceof SdkServiceException answer && answer.statusCode() == BEYOND_THE_END) {
        return new Opened(null, 0);
      }
      throw S3Failures.of(e, name);
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    while (length > 0) {
      if (position == end) {
        return -1;
      }
      int count = tryRead(to, offset, length);
      if (count > 0) {
        position += count;
        breaks = 0;
        return count;
      }
    }
    return 0;
  }

  /// Zero when the connection broke and another may do.
  private int tryRead(byte[] to, int offset, int length) throws IOException {
    try {
      ResponseInputStream<GetObjectResponse> in = open;
      if (in == null) {
        in = request(client, bucket, name, position).stream();
        open = in;
      }
      int count = in == null ? -1 : in.read(to, offset, (int) Math.min(length, end - position));
      if (count > 0) {
        return count;
      }
      broke(new IOException("a connection ended before the blob"));
    } catch (BlobStoreException e) {
      throw e;
    } catch (SdkException | IOException e) {
      broke(e);
    }
    return 0;
  }

  private void broke(Exception cause) throws IOException {
    drop();
    if (cause instanceof java.nio.file.NoSuchFileException gone) {
      throw gone;
    }
    if (++breaks > BREAKS || Thread.currentThread().isInterrupted()) {
      throw new BlobStoreException(
          Kind.UNREACHABLE, "the blob store broke off again and again; try again soon", cause);
    }
  }

  private void drop() {
    ResponseInputStream<GetObjectResponse> in = open;
    open = null;
    if (in != null) {
      in.abort();
    }
  }

  /// What was not read is not fetched.
  @Override
  public void close() {
    drop();
  }
}
