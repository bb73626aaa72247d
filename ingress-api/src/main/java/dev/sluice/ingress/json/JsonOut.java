package dev.sluice.ingress.json;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Writes JSON into bytes, with foreign JSON put in as it came. Answers are mostly bodies that were
/// never parsed, so this is less work than a tree. Owned by one thread.
public final class JsonOut {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] NULL = {'n', 'u', 'l', 'l'};

  private byte[] bytes;
  private int size;
  private boolean separated = true;

  public JsonOut() {
    this(512);
  }

  public JsonOut(int expectedBytes) {
    bytes = new byte[expectedBytes];
  }

  public JsonOut beginObject() {
    separate();
    put('{');
    separated = true;
    return this;
  }

  public JsonOut endObject() {
    put('}');
    separated = false;
    return this;
  }

  public JsonOut beginArray() {
    separate();
    put('[');
    separated = true;
    return this;
  }

  public JsonOut endArray() {
    put(']');
    separated = false;
    return this;
  }

  public JsonOut name(String name) {
    separate();
    quoted(name);
    put(':');
    separated = true;
    return this;
  }

  public JsonOut string(String value) {
    separate();
    quoted(value);
    return this;
  }

  public JsonOut number(long value) {
    return ascii(Long.toString(value));
  }

  public JsonOut bool(boolean value) {
    return ascii(value ? "true" : "false");
  }

  public JsonOut nothing() {
    return raw(NULL);
  }

  /// Foreign JSON, as it came.
  public JsonOut raw(byte[] json) {
    separate();
    room(json.length);
    System.arraycopy(json, 0, bytes, size, json.length);
    size += json.length;
    return this;
  }

  public JsonOut raw(ByteBuffer json) {
    separate();
    int length = json.remaining();
    room(length);
    json.get(json.position(), bytes, size, length);
    size += length;
    return this;
  }

  public JsonOut field(String name, String value) {
    return name(name).string(value);
  }

  /// A text, or null where it is empty.
  public JsonOut textOrNull(String name, @Nullable String value) {
    name(name);
    return value == null || value.isEmpty() ? nothing() : string(value);
  }

  public JsonOut field(String name, long value) {
    return name(name).number(value);
  }

  public JsonOut field(String name, boolean value) {
    return name(name).bool(value);
  }

  public JsonOut nullField(String name) {
    return name(name).nothing();
  }

  /// ISO-8601, or null where there is none.
  public JsonOut instantOrNull(String name, @Nullable Instant at) {
    name(name);
    return at == null || at.equals(Instant.EPOCH) ? nothing() : string(at.toString());
  }

  public JsonOut texts(String name, Map<String, String> values) {
    name(name).beginObject();
    values.forEach(this::field);
    return endObject();
  }

  /// Text as the bytes of JSON that it already is.
  static byte[] utf8(String json) {
    return json.getBytes(StandardCharsets.UTF_8);
  }

  public byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }

  private JsonOut ascii(String text) {
    separate();
    room(text.length());
    for (int i = 0; i < text.length(); i++) {
      bytes[size++] = (byte) text.charAt(i);
    }
    return this;
  }

  private void quoted(String text) {
    put('"');
    boolean plain = true;
    for (int i = 0; i < text.length() && plain; i++) {
      char c = text.charAt(i);
      plain = c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
    }
    if (plain) {
      room(text.length() + 1);
      for (int i = 0; i < text.length(); i++) {
        bytes[size++] = (byte) text.charAt(i);
      }
    } else {
      escaped(text.getBytes(StandardCharsets.UTF_8));
    }
    put('"');
  }

  private void escaped(byte[] utf8) {
    for (byte b : utf8) {
      if (b == '"' || b == '\\') {
        put('\\');
        put(b);
      } else if ((b >= 0 && b < 0x20) || b == 0x7f) {
        for (byte c : new byte[] {'\\', 'u', '0', '0', HEX[b >> 4], HEX[b & 15]}) {
          put(c);
        }
      } else {
        put(b);
      }
    }
  }

  private void separate() {
    if (!separated) {
      put(',');
    }
    separated = false;
  }

  private void put(int b) {
    room(1);
    bytes[size++] = (byte) b;
  }

  private void room(int more) {
    if (size + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }
}
