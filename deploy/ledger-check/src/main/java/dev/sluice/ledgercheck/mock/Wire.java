package dev.sluice.ledgercheck.mock;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One HTTP/1.1 connection on a bare socket: no server library would reset in the middle of a body
/// on request, or notice in the middle of a pause that its caller has left.
///
/// Owned by one thread.
final class Wire implements AutoCloseable {
  private static final int MAX_LINE_BYTES = 16 * 1024;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private long bytesOut;

  Wire(Socket socket) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream());
    out = new BufferedOutputStream(socket.getOutputStream());
  }

  /// @param headers by lower-case name; of repeated ones the last
  record Request(String method, String path, Map<String, String> headers, String body) {
    Optional<String> header(String name) {
      return Optional.ofNullable(headers.get(name));
    }
  }

  /// Thrown where the caller has closed its side.
  static final class CallerLeftException extends IOException {
    private static final long serialVersionUID = 1L;

    CallerLeftException(String where, @Nullable Throwable cause) {
      super("the caller left " + where, cause);
    }
  }

  /// The next request; empty when the caller closed an idle connection.
  Optional<Request> read() throws IOException {
    socket.setSoTimeout(0);
    String first = line();
    if (first == null) {
      return Optional.empty();
    }
    Map<String, String> headers = new HashMap<>();
    for (String line = line(); line != null && !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).strip().toLowerCase(Locale.ROOT),
          line.substring(colon + 1).strip());
    }
    String[] parts = first.split(" ", 3);
    return Optional.of(new Request(parts[0], parts[1], headers, body(headers)));
  }

  private String body(Map<String, String> headers) throws IOException {
    if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
      StringBuilder body = new StringBuilder();
      while (true) {
        String size = line();
        int bytes = size == null ? 0 : Integer.parseInt(size.strip(), 16);
        body.append(exactly(bytes));
        line();
        if (bytes == 0) {
          return body.toString();
        }
      }
    }
    return exactly(Integer.parseInt(headers.getOrDefault("content-length", "0")));
  }

  private String exactly(int bytes) throws IOException {
    byte[] read = in.readNBytes(bytes);
    if (read.length < bytes) {
      throw new EOFException("a request body ended early");
    }
    return new String(read, StandardCharsets.UTF_8);
  }

  private @Nullable String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        return null;
      }
      if (line.length() == MAX_LINE_BYTES) {
        throw new IOException("a header line is too long");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  /// Waits, and ends at once when the caller leaves.
  void pause(Duration time) throws IOException {
    int millis = (int) time.toMillis();
    if (millis <= 0) {
      return;
    }
    socket.setSoTimeout(millis);
    try {
      if (in.read() < 0) {
        throw new CallerLeftException("while it should have waited", null);
      }
      throw new IOException("a second request came before the first was answered");
    } catch (SocketTimeoutException _) {
      // The time is over and the caller still there: what was wanted.
      return;
    }
  }

  void send(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try {
      out.write(bytes);
      out.flush();
    } catch (IOException e) {
      throw new CallerLeftException("before it had its answer", e);
    }
    bytesOut += bytes.length;
  }

  void sendChunk(String text) throws IOException {
    int length = text.getBytes(StandardCharsets.UTF_8).length;
    send(Integer.toHexString(length) + "\r\n" + text + "\r\n");
  }

  /// Closes with a reset instead of an orderly end.
  void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  /// Bytes sent since the last call of this method.
  long takeBytesOut() {
    long taken = bytesOut;
    bytesOut = 0;
    return taken;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
