package dev.sluice.ingress.blob;

import dev.sluice.contract.avro.BlobPart;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The content of a file: pieces of blobs, one after the other, as one stream. Owned by one thread.
public final class Parts extends InputStream {
  private final BlobStore blobs;
  private final List<BlobPart> parts;
  private int next;
  private long skip;
  private long left;
  private @Nullable InputStream open;

  /// @param from where to begin, bytes from the start of the first part
  public Parts(BlobStore blobs, List<BlobPart> parts, long from) {
    this.blobs = blobs;
    this.parts = List.copyOf(parts);
    this.skip = from;
  }

  public static long bytes(List<BlobPart> parts) {
    return parts.stream().mapToLong(BlobPart::getBytes).sum();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (left == 0) {
      if (!advance()) {
        return -1;
      }
    }
    InputStream from = open;
    int count = from == null ? -1 : from.read(to, offset, (int) Math.min(length, left));
    if (count < 0) {
      throw new IOException("a blob is shorter than its file");
    }
    left -= count;
    return count;
  }

  private boolean advance() throws IOException {
    close();
    if (next == parts.size()) {
      return false;
    }
    BlobPart part = parts.get(next++);
    if (skip >= part.getBytes()) {
      skip -= part.getBytes();
    } else {
      open = blobs.open(part.getBlob(), skip);
      left = part.getBytes() - skip;
      skip = 0;
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    InputStream last = open;
    open = null;
    left = 0;
    if (last != null) {
      last.close();
    }
  }
}
