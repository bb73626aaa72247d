package dev.sluice.worker.provider;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/// An upstream over a plain socket, so that a test can send what no well-made server would. One
/// virtual thread a connection; the script answers each request.
public final class MockUpstream implements AutoCloseable {

  /// Answers one request. What it throws closes the connection.
  public interface Script {
    void answer(Request request, Connection connection) throws Exception;
  }

  /// One request as it came.
  public record Request(String line, Map<String, String> headers, String body) {}

  private final ServerSocket listener;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private volatile Script script;
  public final List<Request> requests = new CopyOnWriteArrayList<>();
  public final CountDownLatch hungUp = new CountDownLatch(1);

  public MockUpstream(Script script) throws IOException {
    this.script = script;
    this.listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    Thread.startVirtualThread(this::accept);
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort() + "/v1");
  }

  public void script(Script next) {
    script = next;
  }

  public int connections() {
    return sockets.size();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        sockets.add(socket);
        Thread.startVirtualThread(() -> serve(socket));
      } catch (IOException e) {
        // Closed by the test.
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      Connection connection = new Connection(socket, in);
      for (Request request = read(in); request != null; request = read(in)) {
        requests.add(request);
        script.answer(request, connection);
      }
    } catch (Exception e) {
      // The caller hung up, or the script wanted the connection closed.
      hungUp.countDown();
    }
  }

  private static Request read(InputStream in) throws IOException {
    String line = readLine(in);
    if (line == null) {
      return null;
    }
    Map<String, String> headers = new TreeMap<>();
    for (String header = readLine(in); header != null && !header.isEmpty(); header = readLine(in)) {
      int colon = header.indexOf(':');
      headers.put(
          header.substring(0, colon).toLowerCase(Locale.ROOT), header.substring(colon + 1).trim());
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    return new Request(line, headers, new String(in.readNBytes(length), StandardCharsets.UTF_8));
  }

  private static String readLine(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    int b = in.read();
    if (b < 0) {
      return null;
    }
    for (; b >= 0 && b != '\n'; b = in.read()) {
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  /// The answering side of one connection.
  public final class Connection {
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    private Connection(Socket socket, InputStream in) throws IOException {
      this.socket = socket;
      this.in = in;
      this.out = socket.getOutputStream();
    }

    public void raw(String text) throws IOException {
      raw(text.getBytes(StandardCharsets.UTF_8));
    }

    public void raw(byte[] bytes) throws IOException {
      out.write(bytes);
      out.flush();
    }

    public void json(int status, String body, String... headers) throws IOException {
      whole(status, "application/json", body.getBytes(StandardCharsets.UTF_8), headers);
    }

    public void whole(int status, String type, byte[] body, String... headers) throws IOException {
      StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " X\r\n");
      head.append("content-type: ").append(type).append("\r\n");
      for (String header : headers) {
        head.append(header).append("\r\n");
      }
      head.append("content-length: ").append(body.length).append("\r\n\r\n");
      raw(head.toString());
      raw(body);
    }

    public void beginStream() throws IOException {
      raw(
          "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
              + "transfer-encoding: chunked\r\n\r\n");
    }

    /// One event of the stream.
    public void event(String data) throws IOException {
      piece("data: " + data + "\n\n");
    }

    public void piece(String text) throws IOException {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      raw(Integer.toHexString(bytes.length) + "\r\n");
      raw(bytes);
      raw("\r\n");
    }

    public void endStream() throws IOException {
      raw("0\r\n\r\n");
    }

    /// Closes without a good-bye: the peer sees a reset.
    public void reset() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
      throw new SocketException("reset by the script");
    }

    /// Says nothing until the caller hangs up.
    public void silence() throws IOException {
      while (in.read() >= 0) {
        // Discards what a confused caller might send.
        continue;
      }
      throw new SocketException("the caller hung up");
    }
  }
}
