package dev.sluice.bench.load;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// One request that is sent over and over, and to whom. Its bytes are made here and only ever read.
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody, and a copy each time would cost.
public record Target(String host, int port, byte[] request, Expectation expectation) {
  public static Target get(URI url, Map<String, String> headers, Expectation expectation) {
    StringBuilder head = new StringBuilder("GET ").append(path(url)).append(" HTTP/1.1\r\n");
    head.append("Host: ").append(url.getAuthority()).append("\r\n");
    headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    byte[] request = head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8);
    return new Target(url.getHost(), url.getPort(), request, expectation);
  }

  public static Target post(
      URI url, Map<String, String> headers, String body, Expectation expectation) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    StringBuilder head = new StringBuilder("POST ").append(path(url)).append(" HTTP/1.1\r\n");
    head.append("Host: ").append(url.getAuthority()).append("\r\n");
    head.append("Content-Type: application/json\r\n");
    headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    head.append("Content-Length: ").append(bytes.length).append("\r\n\r\n");
    byte[] request = (head + body).getBytes(StandardCharsets.UTF_8);
    return new Target(url.getHost(), url.getPort(), request, expectation);
  }

  private static String path(URI url) {
    return url.getRawPath() + (url.getRawQuery() == null ? "" : "?" + url.getRawQuery());
  }
}
