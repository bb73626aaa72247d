package dev.sluice.ingress.batch;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;

/// The lines of a batch's input, one after the other; blank ones are left out. Memory is that of
/// the longest line. Owned by one thread.
final class LineSource implements Closeable {
  private static final int BUFFER_BYTES = 64 * 1024;

  private final InputStream in;
  private final int maxLineBytes;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int start;
  private int end;
  private long offset;
  private long number;
  private byte[] line = new byte[1_024];
  private int size;
  private boolean tooLong;

  /// @param bytes without the line's end; empty when it is too long
  /// @param next offset of what follows the line, bytes
  /// @param number from 1, counted from where the source begins, blank lines too
  @SuppressWarnings("ArrayRecordComponent") // handed on, never changed
  record Line(byte[] bytes, long next, long number, boolean tooLong) {}

  /// @param offset of the stream's first byte in the input
  LineSource(InputStream in, long offset, int maxLineBytes) {
    this.in = in;
    this.offset = offset;
    this.maxLineBytes = maxLineBytes;
  }

  /// Empty at the end.
  Optional<Line> next() throws IOException {
    while (true) {
      boolean ended = !readLine();
      if (tooLong) {
        return Optional.of(new Line(new byte[0], offset, number, true));
      }
      int length = size > 0 && line[size - 1] == '\r' ? size - 1 : size;
      if (!blank(length)) {
        return Optional.of(new Line(Arrays.copyOf(line, length), offset, number, false));
      }
      if (ended) {
        return Optional.empty();
      }
    }
  }

  /// Reads up to the next line's end; whether there was one.
  private boolean readLine() throws IOException {
    size = 0;
    tooLong = false;
    number++;
    while (true) {
      if (start == end) {
        start = 0;
        end = Math.max(0, in.read(buffer));
        if (end == 0) {
          return false;
        }
      }
      int at = start;
      while (at < end && buffer[at] != '\n') {
        at++;
      }
      take(at - start);
      boolean found = at < end;
      offset += at - start + (found ? 1 : 0);
      start = found ? at + 1 : at;
      if (found) {
        return true;
      }
    }
  }

  private void take(int count) {
    if (tooLong || size + count > maxLineBytes) {
      tooLong = true;
      return;
    }
    if (size + count > line.length) {
      line = Arrays.copyOf(line, Math.max(2 * line.length, size + count));
    }
    System.arraycopy(buffer, start, line, size, count);
    size += count;
  }

  private boolean blank(int length) {
    for (int i = 0; i < length; i++) {
      if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r') {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
