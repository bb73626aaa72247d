package dev.sluice.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A caller of the API with one key.
public class SluiceCaller implements AutoCloseable {
  private final String url;
  private final String key;
  private final HttpClient http;

  public SluiceCaller(String url, String key) {
    this(url, key, HttpClient.newHttpClient());
  }

  protected SluiceCaller(String url, String key, HttpClient http) {
    this.url = url;
    this.key = key;
    this.http = http;
  }

  /// The same with another key; closed with this one.
  public SluiceCaller as(String other) {
    return new SluiceCaller(url, other, http);
  }

  public String url() {
    return url;
  }

  public String key() {
    return key;
  }

  public HttpClient http() {
    return http;
  }

  /// What is read, which must be there.
  public JsonNode read(String path) throws Exception {
    return json(get(path));
  }

  public HttpResponse<String> get(String path) throws Exception {
    return send(request(path).build());
  }

  public HttpResponse<String> delete(String path) throws Exception {
    return send(request(path).DELETE().build());
  }

  /// @param headers names and values
  public HttpResponse<String> post(String path, String body, String... headers) throws Exception {
    return send(posting(path, body, headers));
  }

  public HttpRequest posting(String path, String body, String... headers) {
    HttpRequest.Builder request =
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body));
    return (headers.length == 0 ? request : request.headers(headers)).build();
  }

  public HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + path))
            .timeout(Duration.ofSeconds(60))
            .header("Authorization", "Bearer " + key);
    return path.startsWith("/v1/messages")
        ? request.header("anthropic-version", "2023-06-01")
        : request;
  }

  public HttpResponse<String> send(HttpRequest request) throws Exception {
    return http.send(request, BodyHandlers.ofString());
  }

  public static JsonNode json(HttpResponse<String> answer) {
    return json(answer, 200);
  }

  public static JsonNode json(HttpResponse<String> answer, int status) {
    assertEquals(status, answer.statusCode(), answer.body());
    return JsonMapper.shared().readTree(answer.body());
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
