package dev.sluice.deploy.clients;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A caller whose server may die at any moment.
record KillClient(String url, HttpClient http) implements AutoCloseable {
  static final String KEY = "sk-killed";

  private static final String BOUNDARY = "kill-client-boundary";

  KillClient(String url) {
    this(url, HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build());
  }

  HttpResponse<String> get(String path) throws Exception {
    return http.send(request(path).build(), BodyHandlers.ofString());
  }

  /// The body of an answer that must be a success.
  JsonNode read(String path) throws Exception {
    HttpResponse<String> answer = get(path);
    if (answer.statusCode() != 200) {
      throw new AssertionError(path + ": " + answer.statusCode() + " " + answer.body());
    }
    return JsonMapper.shared().readTree(answer.body());
  }

  JsonNode post(String path, String body, String... headers) throws Exception {
    HttpResponse<String> answer = http.send(posting(path, body, headers), BodyHandlers.ofString());
    if (answer.statusCode() / 100 != 2) {
      throw new AssertionError(path + ": " + answer.statusCode() + " " + answer.body());
    }
    return JsonMapper.shared().readTree(answer.body());
  }

  CompletableFuture<HttpResponse<String>> begin(HttpRequest request) {
    return http.sendAsync(request, BodyHandlers.ofString());
  }

  HttpRequest posting(String path, String body, String... headers) {
    HttpRequest.Builder request =
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body));
    return (headers.length == 0 ? request : request.headers(headers)).build();
  }

  HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + path))
            .timeout(Duration.ofSeconds(60))
            .header("Authorization", "Bearer " + KEY);
    return path.startsWith("/v1/messages")
        ? request.header("anthropic-version", "2023-06-01")
        : request;
  }

  /// Sends a part of an upload.
  ///
  /// @return its id
  String part(String upload, String data) throws Exception {
    HttpRequest request =
        request("/v1/uploads/" + upload + "/parts")
            .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
            .POST(BodyPublishers.ofString(form(data)))
            .build();
    String answer = http.send(request, BodyHandlers.ofString()).body();
    return JsonMapper.shared().readTree(answer).path("id").asString();
  }

  /// Sends half of a part of an upload and leaves the rest for later.
  Socket halfAPart(String upload, String data) throws IOException {
    URI at = URI.create(url);
    Socket socket = new Socket(at.getHost(), at.getPort());
    String form = form(data);
    List<String> head =
        List.of(
            "POST /v1/uploads/" + upload + "/parts HTTP/1.1",
            "Host: " + at.getAuthority(),
            "Authorization: Bearer " + KEY,
            "Content-Type: multipart/form-data; boundary=" + BOUNDARY,
            "Content-Length: " + form.length(),
            "",
            "");
    OutputStream out = socket.getOutputStream();
    out.write(String.join("\r\n", head).getBytes(StandardCharsets.US_ASCII));
    out.write(form.substring(0, form.length() / 2).getBytes(StandardCharsets.US_ASCII));
    out.flush();
    return socket;
  }

  private static String form(String data) {
    return """
    --%1$s\r
    Content-Disposition: form-data; name="data"; filename="part"\r
    \r
    %2$s\r
    --%1$s--\r
    """
        .formatted(BOUNDARY, data);
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
