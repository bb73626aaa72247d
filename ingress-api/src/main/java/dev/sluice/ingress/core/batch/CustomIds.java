package dev.sluice.ingress.core.batch;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// Finds names that come twice among a million, at about 32 bytes a name: it keeps 128 bits of a
/// hash of each. Owned by one thread.
public final class CustomIds {
  private static final int FIRST_SLOTS = 1 << 10;

  private final MessageDigest digest;
  private long[] slots = new long[2 * FIRST_SLOTS];
  private int size;

  public CustomIds() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /// Whether the name is new.
  public boolean add(String customId) {
    ByteBuffer hash = ByteBuffer.wrap(digest.digest(customId.getBytes(StandardCharsets.UTF_8)));
    // A pair of zeros is a free slot.
    boolean added = put(slots, hash.getLong() | 1, hash.getLong());
    if (added && ++size * 2 > slots.length / 2) {
      grow();
    }
    return added;
  }

  private void grow() {
    long[] old = slots;
    slots = new long[old.length * 2];
    for (int i = 0; i < old.length; i += 2) {
      if (old[i] != 0) {
        put(slots, old[i], old[i + 1]);
      }
    }
  }

  private static boolean put(long[] slots, long high, long low) {
    int mask = slots.length / 2 - 1;
    for (int i = (int) (low & mask); ; i = (i + 1) & mask) {
      if (slots[2 * i] == 0) {
        slots[2 * i] = high;
        slots[2 * i + 1] = low;
        return true;
      }
      if (slots[2 * i] == high && slots[2 * i + 1] == low) {
        return false;
      }
    }
  }
}
