package dev.sluice.ingress.core;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The lines of one request's head, and what they say about its body. Stricter than RFC 9112 where
/// readers differ: origin form only, visible ASCII, no underscore in a name, no path that another
/// reader would shorten. Allocates nothing. Owned by one thread.
final class RequestHead {
  private static final int MAX_HEADERS = 100;
  private static final int MAX_LENGTH_DIGITS = 15;
  private static final byte[] HTTP = ascii("HTTP/");
  private static final byte[] HOST = ascii("host");
  private static final byte[] CONTENT_LENGTH = ascii("content-length");
  private static final byte[] TRANSFER_ENCODING = ascii("transfer-encoding");
  private static final byte[] CHUNKED = ascii("chunked");

  /// Bytes of which methods and header names are made, without the underscore.
  private static final boolean[] TOKEN = new boolean[128];

  static {
    for (byte b :
        ascii("!#$%&'*+-.^`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")) {
      TOKEN[b] = true;
    }
  }

  private int headers;
  private boolean begun;
  private boolean http11;
  private boolean host;
  private boolean chunked;
  private long length;

  /// Begins another head.
  void begin() {
    headers = 0;
    begun = false;
    http11 = false;
    host = false;
    chunked = false;
    length = -1;
  }

  boolean begun() {
    return begun;
  }

  boolean chunked() {
    return chunked;
  }

  /// Bytes of the body; 0 where the head announces none.
  long length() {
    return Math.max(0, length);
  }

  /// Takes a line, without its end.
  ///
  /// @return what is wrong with it; null when nothing is
  @Nullable Fault line(ByteBuffer bytes, int from, int to) {
    if (begun) {
      return field(bytes, from, to);
    }
    begun = true;
    int method = from;
    while (method < to && isToken(bytes.get(method))) {
      method++;
    }
    if (method == from || method == to || bytes.get(method) != ' ') {
      return Fault.LINE;
    }
    int target = method + 1;
    while (target < to && bytes.get(target) > ' ') {
      target++;
    }
    if (target == to || bytes.get(target) != ' ') {
      return Fault.LINE;
    }
    Fault version = version(bytes, target + 1, to);
    return version != null ? version : target(bytes, method + 1, target);
  }

  private @Nullable Fault version(ByteBuffer bytes, int from, int to) {
    if (to - from != 8 || !starts(bytes, from, HTTP) || bytes.get(from + 6) != '.') {
      return Fault.LINE;
    }
    byte major = bytes.get(from + 5);
    byte minor = bytes.get(from + 7);
    if (!isDigit(major) || !isDigit(minor)) {
      return Fault.LINE;
    }
    http11 = minor == '1';
    return major == '1' && minor <= '1' ? null : Fault.VERSION;
  }

  private static @Nullable Fault target(ByteBuffer bytes, int from, int to) {
    if (from == to || bytes.get(from) != '/') {
      return Fault.TARGET;
    }
    boolean path = true;
    for (int i = from; i < to; i++) {
      byte b = bytes.get(i);
      path &= b != '?';
      boolean escape = b == '%';
      if (b == '#' || b == '\\' || (escape && !isEscape(bytes, i, to, path))) {
        return Fault.TARGET;
      }
      if (path && b == '/' && isOdd(bytes, i + 1, to)) {
        return Fault.TARGET;
      }
    }
    return null;
  }

  /// A percent sign with two digits; in a path, one that stands for no control character.
  private static boolean isEscape(ByteBuffer bytes, int at, int to, boolean path) {
    if (at + 2 >= to) {
      return false;
    }
    int high = hex(bytes.get(at + 1));
    int low = hex(bytes.get(at + 2));
    int value = high * 16 + low;
    return high >= 0 && low >= 0 && (path ? value >= ' ' && value != 0x7f : value > 0);
  }

  /// Whether a path segment is empty but not the last, or is one or two dots.
  private static boolean isOdd(ByteBuffer bytes, int from, int to) {
    int end = from;
    while (end < to && bytes.get(end) == '.') {
      end++;
    }
    boolean last = end == to || bytes.get(end) == '?';
    boolean over = last || bytes.get(end) == '/';
    return end == from ? over && !last : over && end - from <= 2;
  }

  private @Nullable Fault field(ByteBuffer bytes, int from, int to) {
    if (++headers > MAX_HEADERS) {
      return Fault.HEAD_TOO_LARGE;
    }
    if (bytes.get(from) == ' ' || bytes.get(from) == '\t') {
      return Fault.FOLDED;
    }
    int colon = from;
    while (colon < to && isToken(bytes.get(colon))) {
      colon++;
    }
    if (colon == from || colon == to || bytes.get(colon) != ':') {
      return Fault.HEADER;
    }
    int start = colon + 1;
    int end = to;
    while (start < end && isBlank(bytes.get(start))) {
      start++;
    }
    while (start < end && isBlank(bytes.get(end - 1))) {
      end--;
    }
    if (equals(bytes, from, colon, CONTENT_LENGTH)) {
      return length(bytes, start, end);
    }
    if (equals(bytes, from, colon, TRANSFER_ENCODING)) {
      return coding(bytes, start, end);
    }
    return equals(bytes, from, colon, HOST) ? host(bytes, start, end) : null;
  }

  private @Nullable Fault host(ByteBuffer bytes, int from, int to) {
    if (host) {
      return Fault.REPEATED;
    }
    host = from < to;
    for (int i = from; i < to; i++) {
      byte b = bytes.get(i);
      boolean part = isToken(b) || b == ':' || b == '[' || b == ']' || b == '_';
      host &= part;
    }
    return host ? null : Fault.HOST;
  }

  private @Nullable Fault length(ByteBuffer bytes, int from, int to) {
    if (length >= 0 || from == to || to - from > MAX_LENGTH_DIGITS) {
      return Fault.LENGTH;
    }
    long value = 0;
    for (int i = from; i < to; i++) {
      byte b = bytes.get(i);
      if (!isDigit(b)) {
        return Fault.LENGTH;
      }
      value = value * 10 + b - '0';
    }
    length = value;
    return null;
  }

  private @Nullable Fault coding(ByteBuffer bytes, int from, int to) {
    if (chunked || !http11) {
      return Fault.LENGTH;
    }
    chunked = equals(bytes, from, to, CHUNKED);
    return chunked ? null : Fault.CODING;
  }

  /// What is wrong with the head as a whole; null when nothing is.
  @Nullable Fault end() {
    if (http11 && !host) {
      return Fault.HOST;
    }
    return chunked && length >= 0 ? Fault.LENGTH : null;
  }

  /// The value of a hexadecimal digit; negative when it is none.
  static int hex(byte b) {
    return Character.digit(b, 16);
  }

  private static boolean isToken(byte b) {
    return b >= 0 && TOKEN[b];
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  private static boolean isBlank(byte b) {
    return b == ' ' || b == '\t';
  }

  private static boolean starts(ByteBuffer bytes, int from, byte[] text) {
    for (int i = 0; i < text.length; i++) {
      if (bytes.get(from + i) != text[i]) {
        return false;
      }
    }
    return true;
  }

  /// Without regard to case.
  private static boolean equals(ByteBuffer bytes, int from, int to, byte[] lower) {
    if (to - from != lower.length) {
      return false;
    }
    for (int i = 0; i < lower.length; i++) {
      byte b = bytes.get(from + i);
      byte folded = b >= 'A' && b <= 'Z' ? (byte) (b + 32) : b;
      if (folded != lower[i]) {
        return false;
      }
    }
    return true;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
