package dev.sluice.bench.load;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/// One kept-alive HTTP/1.1 connection. Does no more than measuring needs: the clients of libraries
/// cost more than the path under test. Used by one thread at a time.
final class Connection implements AutoCloseable {
  private static final int ANSWER_TIMEOUT_MILLIS = 60_000;
  private static final int NO_CONTENT = 204;
  private static final byte[] CONTENT = "\"content\"".getBytes(StandardCharsets.UTF_8);

  private final Socket socket = new Socket();
  private final InputStream in;
  private final OutputStream out;
  private final byte[] buffer = new byte[16 * 1024];
  private int position;
  private int limit;
  private byte[] body = new byte[8 * 1024];
  private int bodyBytes;
  private boolean streamed;
  private long firstContentNanos;

  Connection(String host, int port) throws IOException {
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(ANSWER_TIMEOUT_MILLIS);
    socket.connect(new InetSocketAddress(host, port), ANSWER_TIMEOUT_MILLIS);
    in = socket.getInputStream();
    out = socket.getOutputStream();
  }

  Reply exchange(byte[] request) throws IOException {
    out.write(request);
    bodyBytes = 0;
    firstContentNanos = 0;
    String statusLine = line();
    int status = Integer.parseInt(statusLine.substring(9, 12));
    int length = -1;
    streamed = false;
    for (String header = line(); !header.isEmpty(); header = line()) {
      int colon = header.indexOf(':');
      String value = header.substring(colon + 1).strip();
      switch (header.substring(0, colon).toLowerCase(Locale.ROOT)) {
        case "content-length" -> length = Integer.parseInt(value);
        case "content-type" -> streamed = value.startsWith("text/event-stream");
        default -> {
          // Says nothing about where the body ends.
        }
      }
    }
    if (length >= 0) {
      append(length);
    } else if (status != NO_CONTENT) {
      chunks();
    }
    return new Reply(status, bodyBytes, streamed ? contents() : 0, firstContentNanos);
  }

  private void chunks() throws IOException {
    while (true) {
      String size = line();
      int extension = size.indexOf(';');
      int bytes = Integer.parseInt(extension < 0 ? size : size.substring(0, extension), 16);
      if (bytes == 0) {
        while (!line().isEmpty()) {
          // Trailers are of no interest.
        }
        return;
      }
      append(bytes);
      line();
    }
  }

  private void append(int bytes) throws IOException {
    if (bodyBytes + bytes > body.length) {
      body = Arrays.copyOf(body, Math.max(body.length * 2, bodyBytes + bytes));
    }
    int left = bytes;
    while (left > 0) {
      if (position == limit) {
        fill();
      }
      int part = Math.min(left, limit - position);
      System.arraycopy(buffer, position, body, bodyBytes, part);
      position += part;
      left -= part;
      int from = Math.max(0, bodyBytes - CONTENT.length);
      bodyBytes += part;
      if (streamed && firstContentNanos == 0 && indexOfContent(from) >= 0) {
        firstContentNanos = System.nanoTime();
      }
    }
  }

  private int contents() {
    int count = 0;
    for (int at = indexOfContent(0); at >= 0; at = indexOfContent(at + CONTENT.length)) {
      count++;
    }
    return count;
  }

  private int indexOfContent(int from) {
    for (int at = from; at <= bodyBytes - CONTENT.length; at++) {
      if (body[at] == CONTENT[0]
          && Arrays.equals(body, at, at + CONTENT.length, CONTENT, 0, CONTENT.length)) {
        return at;
      }
    }
    return -1;
  }

  private String line() throws IOException {
    StringBuilder text = new StringBuilder(64);
    while (true) {
      if (position == limit) {
        fill();
      }
      byte next = buffer[position++];
      if (next == '\n') {
        return text.toString();
      }
      if (next != '\r') {
        text.append((char) next);
      }
    }
  }

  private void fill() throws IOException {
    position = 0;
    limit = Math.max(0, in.read(buffer));
    if (limit == 0) {
      throw new EOFException("closed in the middle of an answer");
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
