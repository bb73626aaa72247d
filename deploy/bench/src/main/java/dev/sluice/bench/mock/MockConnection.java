package dev.sluice.bench.mock;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One caller of the mock: gathers a request, gives an answer. Belongs to the mock's one thread.
final class MockConnection {
  private static final byte[] STREAM = "\"stream\"".getBytes(StandardCharsets.US_ASCII);

  private final SocketChannel channel;
  private final SelectionKey key;
  private ByteBuffer input = ByteBuffer.allocate(4 * 1024);
  private @Nullable ByteBuffer output;

  /// @param path with its query
  record Request(String path, boolean stream) {}

  MockConnection(SocketChannel channel, SelectionKey key) {
    this.channel = channel;
    this.key = key;
  }

  /// Reads what is there.
  ///
  /// @return false when the caller has gone
  boolean fill() throws IOException {
    if (!input.hasRemaining()) {
      input = ByteBuffer.allocate(input.capacity() * 2).put(input.flip());
    }
    return channel.read(input) >= 0;
  }

  /// Takes the next whole request out of what was read.
  Optional<Request> next() {
    byte[] bytes = input.array();
    int end = input.position();
    int bodyAt = bodyStart(bytes, end);
    if (bodyAt < 0) {
      return Optional.empty();
    }
    String head = new String(bytes, 0, bodyAt, StandardCharsets.US_ASCII);
    int total = bodyAt + contentLength(head);
    if (total > end) {
      return Optional.empty();
    }
    String path = head.substring(head.indexOf(' ') + 1, head.indexOf(" HTTP/"));
    Request request = new Request(path, asksForStream(bytes, bodyAt, total));
    System.arraycopy(bytes, total, bytes, 0, end - total);
    input.position(end - total);
    return Optional.of(request);
  }

  private static int bodyStart(byte[] bytes, int end) {
    for (int at = 3; at < end; at++) {
      if (bytes[at] == '\n' && bytes[at - 1] == '\r' && bytes[at - 2] == '\n') {
        return at + 1;
      }
    }
    return -1;
  }

  private static int contentLength(String head) {
    String name = "\r\ncontent-length:";
    int at = head.toLowerCase(Locale.ROOT).indexOf(name);
    return at < 0
        ? 0
        : Integer.parseInt(
            head.substring(at + name.length(), head.indexOf('\r', at + name.length())).strip());
  }

  private static boolean asksForStream(byte[] bytes, int from, int to) {
    for (int at = from; at <= to - STREAM.length; at++) {
      if (bytes[at] == '"'
          && Arrays.equals(bytes, at, at + STREAM.length, STREAM, 0, STREAM.length)) {
        int value = at + STREAM.length;
        while (value < to && (bytes[value] == ':' || bytes[value] == ' ')) {
          value++;
        }
        return value < to && bytes[value] == 't';
      }
    }
    return false;
  }

  /// Whether all answers so far have left.
  boolean idle() {
    return output == null;
  }

  void answer(ByteBuffer answer) throws IOException {
    output = answer;
    flush();
  }

  void flush() throws IOException {
    if (output != null) {
      channel.write(output);
      if (!output.hasRemaining()) {
        output = null;
      }
    }
    if (key.isValid()) {
      key.interestOps(
          output == null ? SelectionKey.OP_READ : SelectionKey.OP_READ | SelectionKey.OP_WRITE);
    }
  }

  void close() throws IOException {
    channel.close();
  }
}
