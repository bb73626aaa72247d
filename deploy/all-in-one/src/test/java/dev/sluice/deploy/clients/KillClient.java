package dev.sluice.deploy.clients;

import dev.sluice.deploy.SluiceCaller;
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
import java.util.List;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A caller whose server may die at any moment.
final class KillClient extends SluiceCaller {
  static final String KEY = "sk-killed";

  private static final String BOUNDARY = "kill-client-boundary";

  KillClient(String url) {
    super(url, KEY, HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build());
  }

  /// The body of an answer that must be a success.
  JsonNode posted(String path, String body, String... headers) throws Exception {
    HttpResponse<String> answer = post(path, body, headers);
    if (answer.statusCode() / 100 != 2) {
      throw new AssertionError(path + ": " + answer.statusCode() + " " + answer.body());
    }
    return JsonMapper.shared().readTree(answer.body());
  }

  CompletableFuture<HttpResponse<String>> begin(HttpRequest request) {
    return http().sendAsync(request, BodyHandlers.ofString());
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
    return JsonMapper.shared().readTree(send(request).body()).path("id").asString();
  }

  /// Sends half of a part of an upload and leaves the rest for later.
  Socket halfAPart(String upload, String data) throws IOException {
    URI at = URI.create(url());
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
}
