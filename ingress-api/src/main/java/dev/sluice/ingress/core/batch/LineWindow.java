package dev.sluice.ingress.core.batch;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Which lines of a batch are done: all below the lowest open one, and all submitted ones that are
/// not open. Its size is that of the lines in flight, however long the batch is. Owned by one
/// thread.
public final class LineWindow {

  /// A line whose job has not ended.
  ///
  /// @param customId the caller's name of the line
  /// @param offset of the line in the input, bytes
  public record Open(String customId, long offset) {}

  private final TreeMap<Long, Open> open = new TreeMap<>();
  private long submitted;
  private long submittedBytes;

  /// A window that begins here: the lines below are submitted.
  public LineWindow(long submitted, long submittedBytes) {
    this.submitted = submitted;
    this.submittedBytes = submittedBytes;
  }

  /// Next line to submit.
  public long submitted() {
    return submitted;
  }

  /// Its offset in the input, bytes.
  public long submittedBytes() {
    return submittedBytes;
  }

  public int inFlight() {
    return open.size();
  }

  /// The open lines, lowest first.
  public List<Long> openLines() {
    return new ArrayList<>(open.keySet());
  }

  /// The lowest line that is not done.
  public long low() {
    return open.isEmpty() ? submitted : open.firstKey();
  }

  public long lowBytes() {
    return open.isEmpty() ? submittedBytes : open.firstEntry().getValue().offset();
  }

  /// The next line is submitted.
  ///
  /// @param nextOffset of the line after it, bytes
  public void submit(String customId, long nextOffset) {
    open.put(submitted, new Open(customId, submittedBytes));
    pass(nextOffset);
  }

  /// The next line needs no job: it is done.
  public void pass(long nextOffset) {
    submitted++;
    submittedBytes = nextOffset;
  }

  /// A submitted line that a predecessor left open.
  public void reopen(long line, Open left) {
    open.put(line, left);
  }

  /// A line's job has ended; empty when that was known, or when the line was never submitted.
  public Optional<Open> settle(long line) {
    return Optional.ofNullable(open.remove(line));
  }

  /// Bit n: line [#low] + n is done. Zeros at the end are left out.
  public byte[] done() {
    long low = low();
    byte[] bits = new byte[(int) ((submitted - low + 7) / 8)];
    for (int n = 0; n < submitted - low; n++) {
      bits[n >> 3] |= (byte) (1 << (n & 7));
    }
    for (Map.Entry<Long, Open> entry : open.entrySet()) {
      int n = (int) (entry.getKey() - low);
      bits[n >> 3] &= (byte) ~(1 << (n & 7));
    }
    return bits;
  }

  /// Whether `done` of a record says that a line is done.
  ///
  /// @param low the line of the first bit
  public static boolean isDone(byte[] done, long low, long line) {
    long n = line - low;
    return n < 0 || (n < 8L * done.length && (done[(int) (n >> 3)] >> (n & 7) & 1) == 1);
  }
}
