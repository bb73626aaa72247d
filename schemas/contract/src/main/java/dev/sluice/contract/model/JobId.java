package dev.sluice.contract.model;

import java.time.Instant;
import java.util.Optional;

/// The identity of a job: 128 bits, ordered by creation time, readable without a lookup.
///
/// Layout from the top: 48 bits of milliseconds since 1970, 12 bits of reply partition, 12 bits of
/// tenant shard, 56 random bits. Any ingress finds a job's partition from the id alone, and the
/// random part is far beyond guessing. The text form is `job_` and 26 lower-case Crockford base-32
/// characters; `resp_` and `msg_` before the same 26 characters name the same job on the vendors'
/// surfaces.
///
/// @param high time, reply partition and the top 4 bits of the shard
/// @param low the rest of the shard and the random part
public record JobId(long high, long low) implements Comparable<JobId> {

  /// Highest reply partition and shard that fit: 4095.
  public static final int MAX_PARTITION = (1 << 12) - 1;

  private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
  private static final int LENGTH = 26;
  private static final long RANDOM = (1L << 56) - 1;
  private static final byte[] DIGITS = new byte[128];

  static {
    java.util.Arrays.fill(DIGITS, (byte) -1);
    for (int i = 0; i < ALPHABET.length(); i++) {
      DIGITS[ALPHABET.charAt(i)] = (byte) i;
    }
  }

  /// A new id. `random` supplies 56 bits; the caller owns the generator.
  public static JobId create(Instant now, int replyPartition, int shard, long random) {
    if (replyPartition < 0 || replyPartition > MAX_PARTITION) {
      throw new IllegalArgumentException("reply partition out of 0..4095: " + replyPartition);
    }
    if (shard < 0 || shard > MAX_PARTITION) {
      throw new IllegalArgumentException("shard out of 0..4095: " + shard);
    }
    long high = (now.toEpochMilli() << 16) | ((long) replyPartition << 4) | (shard >>> 8);
    long low = ((long) (shard & 0xff) << 56) | (random & RANDOM);
    return new JobId(high, low);
  }

  /// Reads any of the text forms; empty for anything else.
  public static Optional<JobId> parse(String text) {
    int start = prefixLength(text);
    if (start == 0 || text.length() - start != LENGTH) {
      return Optional.empty();
    }
    // 26 characters hold 130 bits: the first may only use its lower three.
    long high = 0;
    long low = 0;
    for (int i = 0; i < LENGTH; i++) {
      char c = text.charAt(start + i);
      int digit = c < 128 ? DIGITS[c] : -1;
      if (digit < 0 || (i == 0 && digit > 7)) {
        return Optional.empty();
      }
      high = (high << 5) | (low >>> 59);
      low = (low << 5) | digit;
    }
    return Optional.of(new JobId(high, low));
  }

  private static int prefixLength(String text) {
    return text.startsWith("job_") || text.startsWith("msg_")
        ? "job_".length()
        : text.startsWith("resp_") ? "resp_".length() : 0;
  }

  /// The id of a job that there is because of this one: always the same for the same number, and of
  /// the same moment, reply partition and shard.
  public JobId derived(int number) {
    long mixed = low + (number + 1) * 0x9e3779b97f4a7c15L;
    mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return new JobId(high, (low & ~RANDOM) | ((mixed ^ (mixed >>> 31)) & RANDOM));
  }

  public Instant createdAt() {
    return Instant.ofEpochMilli(createdMillis());
  }

  /// The same in milliseconds since the epoch.
  public long createdMillis() {
    return high >>> 16;
  }

  public int replyPartition() {
    return (int) (high >>> 4) & 0xfff;
  }

  public int shard() {
    return ((int) (high & 0xf) << 8) | (int) (low >>> 56);
  }

  /// `job_` and 26 characters.
  public String text() {
    return text("job_");
  }

  /// The same id under another surface's prefix, such as `resp_`.
  public String text(String prefix) {
    char[] chars = new char[LENGTH];
    long h = high;
    long l = low;
    for (int i = LENGTH - 1; i >= 0; i--) {
      chars[i] = ALPHABET.charAt((int) (l & 31));
      l = (l >>> 5) | (h << 59);
      h >>>= 5;
    }
    return prefix + new String(chars);
  }

  @Override
  public int compareTo(JobId other) {
    int byHigh = Long.compareUnsigned(high, other.high);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
  }

  @Override
  public String toString() {
    return text();
  }
}
