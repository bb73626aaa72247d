package dev.sluice.ingress.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Strict UTF-8: no overlong forms, no surrogates (neither as bytes nor as a lone `\\u` escape of
/// JSON), no NUL, no byte order mark. Bodies travel as bytes and other readers are laxer, so what
/// passes here means the same to all of them.
public final class Utf8 {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final long ONES = 0x0101010101010101L;
  private static final long BACKSLASHES = 0x5c5c5c5c5c5c5c5cL;

  private Utf8() {}

  /// Whether the bytes are JSON text in strict UTF-8.
  public static boolean isStrict(byte[] bytes) {
    int i = 0;
    int length = bytes.length;
    if (length >= 3 && at(bytes, 0) == 0xef && at(bytes, 1) == 0xbb && at(bytes, 2) == 0xbf) {
      return false;
    }
    while (i < length) {
      if (i + 8 <= length && isPlain((long) LONGS.get(bytes, i))) {
        i += 8;
        continue;
      }
      int size = sizeAt(bytes, i);
      if (size == 0) {
        return false;
      }
      i += size;
    }
    return true;
  }

  /// Eight bytes of ASCII without NUL and without a backslash.
  private static boolean isPlain(long word) {
    long noBackslash = word ^ BACKSLASHES;
    long zeros = (word - ONES) & ~word;
    long slashes = (noBackslash - ONES) & ~noBackslash;
    return ((word | zeros | slashes) & HIGH_BITS) == 0;
  }

  /// How many bytes the character at `i` takes; 0 when it is not one.
  private static int sizeAt(byte[] bytes, int i) {
    int b = at(bytes, i);
    if (b == 0) {
      return 0;
    }
    if (b == '\\') {
      return escapeSize(bytes, i);
    }
    if (b < 0x80) {
      return 1;
    }
    if (b < 0xc2) {
      return 0;
    }
    if (b < 0xe0) {
      return continues(bytes, i + 1) ? 2 : 0;
    }
    int second = i + 1 < bytes.length ? at(bytes, i + 1) : 0;
    if (b < 0xf0) {
      boolean legal =
          (b != 0xe0 || second >= 0xa0)
              && (b != 0xed || second < 0xa0)
              && continues(bytes, i + 1)
              && continues(bytes, i + 2);
      return legal ? 3 : 0;
    }
    boolean legal =
        b <= 0xf4
            && (b != 0xf0 || second >= 0x90)
            && (b != 0xf4 || second < 0x90)
            && continues(bytes, i + 1)
            && continues(bytes, i + 2)
            && continues(bytes, i + 3);
    return legal ? 4 : 0;
  }

  /// A high surrogate's escape must be followed by that of a low one. What else an escape may be is
  /// the JSON parser's business.
  private static int escapeSize(byte[] bytes, int i) {
    int unit = escapedUnit(bytes, i);
    if (unit < 0) {
      return 2;
    }
    if (Character.isLowSurrogate((char) unit)) {
      return 0;
    }
    if (Character.isHighSurrogate((char) unit)) {
      int next = escapedUnit(bytes, i + 6);
      return next >= 0 && Character.isLowSurrogate((char) next) ? 12 : 0;
    }
    return 6;
  }

  /// The UTF-16 unit of a `\\uXXXX` at `i`; -1 when there is none.
  private static int escapedUnit(byte[] bytes, int i) {
    if (i + 6 > bytes.length || bytes[i] != '\\' || bytes[i + 1] != 'u') {
      return -1;
    }
    int unit = 0;
    for (int k = i + 2; k < i + 6; k++) {
      int digit = Character.digit(bytes[k], 16);
      if (digit < 0) {
        return -1;
      }
      unit = unit << 4 | digit;
    }
    return unit;
  }

  private static boolean continues(byte[] bytes, int i) {
    return i < bytes.length && (bytes[i] & 0xc0) == 0x80;
  }

  private static int at(byte[] bytes, int i) {
    return bytes[i] & 0xff;
  }
}
