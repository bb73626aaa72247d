package dev.sluice.ingress.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Frames server-sent events in a buffer that leaves in one write. Owned by one thread.
final class Sse {
  private static final byte[] DATA = ascii("data: ");
  private static final byte[] EVENT = ascii("event: ");
  private static final byte[] END = ascii("\n\n");
  private static final byte[] HEARTBEAT = ascii(": waiting\n\n");
  private static final byte[] DONE = ascii("data: [DONE]\n\n");

  private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);

  static ByteBuffer heartbeat() {
    return ByteBuffer.wrap(HEARTBEAT);
  }

  static ByteBuffer comment(String text) {
    return ByteBuffer.wrap(ascii(": " + text + "\n\n"));
  }

  Sse retryMillis(int millis) {
    out.writeBytes(ascii("retry: " + millis + "\n\n"));
    return this;
  }

  Sse done() {
    out.writeBytes(DONE);
    return this;
  }

  /// An unnamed event, as the vendors send them.
  Sse data(ByteBuffer payload) {
    out.writeBytes(DATA);
    payload(payload);
    out.writeBytes(END);
    return this;
  }

  /// An event under a name; unnamed where it is empty.
  Sse named(String name, ByteBuffer payload) {
    if (!name.isEmpty()) {
      out.writeBytes(EVENT);
      out.writeBytes(ascii(name));
      out.write('\n');
    }
    return data(payload);
  }

  Sse event(int id, String name, byte[] json) {
    out.writeBytes(ascii("id: " + id + "\nevent: " + name + "\n"));
    return data(ByteBuffer.wrap(json));
  }

  boolean isEmpty() {
    return out.size() == 0;
  }

  ByteBuffer take() {
    ByteBuffer frames = ByteBuffer.wrap(out.toByteArray());
    out.reset();
    return frames;
  }

  /// A line break inside a payload would end the event: each line is a data line of its own.
  private void payload(ByteBuffer payload) {
    for (int i = payload.position(); i < payload.limit(); i++) {
      byte b = payload.get(i);
      if (b == '\n') {
        out.write('\n');
        out.writeBytes(DATA);
      } else if (b != '\r') {
        out.write(b);
      }
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
