package dev.sluice.contract.serde;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The fields of a record in Avro's binary encoding, taken one after the other by who knows its
/// schema. Avro's own decoder reads from streams as well and comes to a byte through four methods,
/// which a JVM that has just started runs slowly, and just then logs are read back.
///
/// What is damaged shows as an [IndexOutOfBoundsException], an [ArithmeticException] or an
/// [IllegalStateException]. Owned by one thread.
public final class AvroFields {
  /// Texts that are remembered, at most, count; a power of two.
  private static final int SHARED = 1024;

  private static final int MAX_INT_BYTES = 5;

  private byte[] bytes = new byte[0];
  private int at;

  /// Texts that were met, each at the place that its bytes hash to, and those bytes.
  private final String[] texts = new String[SHARED];

  private final byte[][] encoded = new byte[SHARED][];

  /// From here on the fields of this record are taken.
  ///
  /// @param from where its first field begins
  void over(byte[] record, int from) {
    bytes = record;
    at = from;
  }

  /// A stretch of fields as some record had it; empty until one is kept.
  public static final class Stretch {
    private byte[] record = new byte[0];
    private int from;
    private int to;
  }

  /// Passes over fields that are byte for byte those of a stretch that was kept; otherwise nothing
  /// is taken.
  public boolean passes(Stretch kept) {
    int end = at + kept.to - kept.from;
    boolean same =
        kept.to > kept.from
            && end <= bytes.length
            && Arrays.equals(kept.record, kept.from, kept.to, bytes, at, end);
    if (same) {
      at = end;
    }
    return same;
  }

  /// Begins to keep what is taken from here on, in place of what a stretch held.
  public void begin(Stretch kept) {
    kept.record = bytes;
    kept.from = at;
    kept.to = at;
  }

  /// Has it kept as far as it was taken.
  public void end(Stretch kept) {
    kept.to = at;
  }

  /// Whether all has been taken.
  public boolean isEnd() {
    return at == bytes.length;
  }

  /// A number, or the count of a block.
  public long takeLong() {
    byte first = bytes[at++];
    return first >= 0 ? (first >>> 1) ^ -(first & 1) : takeLonger(first);
  }

  private long takeLonger(byte first) {
    long raw = first & 0x7f;
    for (int shift = 7; shift < Long.SIZE; shift += 7) {
      byte next = bytes[at++];
      raw |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return (raw >>> 1) ^ -(raw & 1);
      }
    }
    throw new IllegalStateException("a number of more than ten bytes");
  }

  /// A number, a branch of a union, or the place of a symbol in its enum: five bytes at most.
  public int takeInt() {
    int from = at;
    int value = Math.toIntExact(takeLong());
    if (at - from > MAX_INT_BYTES) {
      throw new IllegalStateException("an int of more than five bytes");
    }
    return value;
  }

  public boolean takeBoolean() {
    return bytes[at++] == 1;
  }

  public String takeText() {
    int length = takeLength();
    at += length;
    return text(at - length, length);
  }

  /// The same where many records say the same: one object for all texts that are equal.
  public String takeSharedText() {
    int length = takeLength();
    int from = at;
    at += length;
    int hash = length;
    for (int i = from; i < at; i++) {
      hash = 31 * hash + bytes[i];
    }
    int place = (hash ^ (hash >>> 16)) & (SHARED - 1);
    byte[] known = encoded[place];
    if (known == null || !Arrays.equals(known, 0, known.length, bytes, from, at)) {
      texts[place] = text(from, length).intern();
      encoded[place] = Arrays.copyOfRange(bytes, from, at);
    }
    return texts[place];
  }

  /// Bytes, to be read before anything else is.
  public ByteBuffer takeBytes() {
    int length = takeLength();
    at += length;
    return ByteBuffer.wrap(bytes, at - length, length);
  }

  private String text(int from, int length) {
    return new String(bytes, from, length, StandardCharsets.UTF_8);
  }

  /// Never more than there is, whatever it claims.
  private int takeLength() {
    int length = takeInt();
    if (length < 0 || length > bytes.length - at) {
      throw new IllegalStateException("a length of " + length);
    }
    return length;
  }
}
