package dev.sluice.ingress.core;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Reads along with the bytes of HTTP/1.1 requests, and finds where each ends and whether any two
/// readers would agree on that. It takes a request in units: the head, and each line that announces
/// a chunk. A unit is good or bad as a whole, so whoever passes bytes on keeps those of an
/// unfinished unit back. Allocates nothing. Owned by one thread.
public final class RequestScan {
  private static final int MAX_LINE_BYTES = 8 * 1024;
  private static final int MAX_CHUNK_DIGITS = 8;

  private final RequestHead head = new RequestHead();
  private final int maxHeadBytes;
  private Phase phase = Phase.HEAD;
  private @Nullable Fault fault;
  private int unit;
  private int line;
  private boolean afterCr;
  private long left;
  private int digits;
  private boolean firstChunk;

  private enum Phase {
    HEAD,
    LENGTH,
    /// After a chunk's bytes: CR, then LF, then the next chunk's line.
    CHUNK_CR,
    CHUNK_LF,
    CHUNK_SIZE,
    CHUNK_SIZE_LF,
    CHUNK,
    /// After the last chunk's line: CR, then LF.
    LAST_CR,
    LAST_LF,
    DONE
  }

  public RequestScan(int maxHeadBytes) {
    this.maxHeadBytes = maxHeadBytes;
    next();
  }

  /// What is wrong; null while nothing is. Nothing can be read after it.
  public @Nullable Fault fault() {
    return fault;
  }

  /// Ends the reading for a reason that is not in the bytes.
  public void fail(Fault reason) {
    fault = reason;
  }

  /// Whether the request has ended; [#next()] begins another.
  public boolean done() {
    return phase == Phase.DONE;
  }

  public boolean inHead() {
    return phase == Phase.HEAD;
  }

  /// Whether no chunk has been read yet.
  public boolean atFirstChunk() {
    return firstChunk;
  }

  /// How many of the last bytes belong to a unit that is unfinished, or bad.
  public int unfinished() {
    return unit;
  }

  public void next() {
    phase = Phase.HEAD;
    unit = 0;
    line = 0;
    afterCr = false;
    firstChunk = true;
    head.begin();
  }

  /// Reads from `from` to `to`, or to the end of the request, or to a fault. The bytes of an
  /// unfinished unit must stand before `from`.
  ///
  /// @return the place after the last byte read
  public int scan(ByteBuffer bytes, int from, int to) {
    int at = from;
    while (at < to && fault == null && phase != Phase.DONE) {
      switch (phase) {
        case HEAD -> at = head(bytes, at, to);
        case LENGTH, CHUNK -> {
          int taken = (int) Math.min(left, to - at);
          at += taken;
          left -= taken;
          if (left == 0) {
            phase = phase == Phase.LENGTH ? Phase.DONE : Phase.CHUNK_CR;
          }
        }
        case CHUNK_CR, CHUNK_LF, CHUNK_SIZE, CHUNK_SIZE_LF, LAST_CR, LAST_LF -> {
          unit++;
          chunkLine(bytes.get(at++));
        }
        case DONE -> {}
      }
    }
    return at;
  }

  private int head(ByteBuffer bytes, int from, int to) {
    int start = from - unit;
    int at = from;
    while (at < to && fault == null && phase == Phase.HEAD) {
      byte b = bytes.get(at++);
      if (afterCr) {
        afterCr = false;
        if (b != '\n') {
          fault = Fault.ENDING;
        } else {
          endLine(bytes, start + line, at - 2);
          line = at - start;
        }
      } else if (b == '\r') {
        afterCr = true;
      } else if ((b < ' ' && b != '\t') || b == 0x7f) {
        fault = b == '\n' ? Fault.ENDING : head.begun() ? Fault.HEADER : Fault.LINE;
      } else if (at - start > maxHeadBytes) {
        fault = head.begun() ? Fault.HEAD_TOO_LARGE : Fault.TARGET_TOO_LONG;
      } else if (!head.begun() && at - start > MAX_LINE_BYTES) {
        fault = Fault.TARGET_TOO_LONG;
      }
    }
    // The head is whole, or what there is of it is kept in mind.
    unit = phase == Phase.HEAD || fault != null ? at - start : 0;
    return at;
  }

  private void endLine(ByteBuffer bytes, int from, int to) {
    if (from < to) {
      fault = head.line(bytes, from, to);
    } else if (!head.begun()) {
      fault = Fault.LINE;
    } else {
      fault = head.end();
      if (fault == null) {
        left = head.length();
        digits = 0;
        phase = head.chunked() ? Phase.CHUNK_SIZE : left > 0 ? Phase.LENGTH : Phase.DONE;
      }
    }
  }

  private void chunkLine(byte b) {
    switch (phase) {
      case CHUNK_CR -> expect(b, '\r', Phase.CHUNK_LF);
      case CHUNK_LF -> {
        expect(b, '\n', Phase.CHUNK_SIZE);
        digits = 0;
      }
      case CHUNK_SIZE -> {
        int digit = RequestHead.hex(b);
        if (digit >= 0 && digits < MAX_CHUNK_DIGITS) {
          digits++;
          left = left * 16 + digit;
        } else if (b == '\r' && digits > 0) {
          phase = Phase.CHUNK_SIZE_LF;
        } else {
          fault = Fault.CHUNK;
        }
      }
      case CHUNK_SIZE_LF -> {
        expect(b, '\n', left == 0 ? Phase.LAST_CR : Phase.CHUNK);
        if (phase == Phase.CHUNK) {
          unit = 0;
          firstChunk = false;
        }
      }
      case LAST_CR -> expect(b, '\r', Phase.LAST_LF);
      case LAST_LF -> {
        expect(b, '\n', Phase.DONE);
        if (phase == Phase.DONE) {
          unit = 0;
        }
      }
      case HEAD, LENGTH, CHUNK, DONE -> throw new IllegalStateException("not at a chunk's line");
    }
  }

  private void expect(byte found, char wanted, Phase then) {
    if (found == wanted) {
      phase = then;
    } else {
      fault = Fault.CHUNK;
    }
  }
}
