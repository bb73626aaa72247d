package dev.sluice.bench.load;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A reader of a server-sent stream that hangs up after the first event.
public final class FirstEvent {
  private static final int ANSWER_TIMEOUT_MILLIS = 60_000;
  private static final int BUFFER_BYTES = 64 * 1024;

  private FirstEvent() {}

  /// Asks on a connection that is open already.
  ///
  /// @param number of the event, in its first group
  /// @return nanoseconds from sending the request to having the whole first event; empty when it is
  ///   not the one that was expected
  public static OptionalLong nanos(URI server, byte[] request, Pattern number, long expected)
      throws IOException {
    try (Socket socket = new Socket()) {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(ANSWER_TIMEOUT_MILLIS);
      socket.connect(new InetSocketAddress(server.getHost(), server.getPort()));
      long sent = System.nanoTime();
      socket.getOutputStream().write(request);
      String event = firstEvent(socket.getInputStream());
      long nanos = System.nanoTime() - sent;
      Matcher found = number.matcher(event);
      return found.find() && Long.parseLong(found.group(1)) == expected
          ? OptionalLong.of(nanos)
          : OptionalLong.empty();
    }
  }

  private static String firstEvent(InputStream in) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    int size = 0;
    while (size < buffer.length) {
      int count = in.read(buffer, size, buffer.length - size);
      if (count < 0) {
        break;
      }
      size += count;
      String text = new String(buffer, 0, size, StandardCharsets.UTF_8);
      int data = text.indexOf("data: {");
      int end = data < 0 ? -1 : text.indexOf("\n\n", data);
      if (end >= 0) {
        return text.substring(0, end);
      }
    }
    return "";
  }
}
