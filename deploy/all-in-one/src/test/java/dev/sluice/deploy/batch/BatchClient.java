package dev.sluice.deploy.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.deploy.SluiceCaller;
import dev.sluice.testkit.Eventually;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A caller of files and batches.
public final class BatchClient extends SluiceCaller {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String BOUNDARY = "batch-client-boundary";

  public BatchClient(String url, String key) {
    super(url, key);
  }

  /// Lines `line-0` and so on, for a model.
  public static String lines(int count, String model) {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < count; i++) {
      lines.append(line("line-" + i, model)).append('\n');
    }
    return lines.toString();
  }

  public static String line(String customId, String model) {
    return """
    {"custom_id":"%s","method":"POST","url":"/v1/chat/completions",\
    "body":{"model":"%s","messages":[{"role":"user","content":"Say %s"}],"max_tokens":3}}\
    """
        .formatted(customId, model, customId);
  }

  public String upload(String content) throws Exception {
    JsonNode file = json(uploading(content, "batch"));
    assertEquals(content.length(), file.path("bytes").asInt());
    return file.path("id").asString();
  }

  /// @param headers names and values
  HttpResponse<String> uploading(String content, String purpose, String... headers)
      throws Exception {
    return form(
        "/v1/files",
        """
        --%1$s\r
        Content-Disposition: form-data; name="file"; filename="in.jsonl"\r
        Content-Type: application/octet-stream\r
        \r
        %2$s\r
        --%1$s\r
        Content-Disposition: form-data; name="purpose"\r
        \r
        %3$s\r
        --%1$s--\r
        """
            .formatted(BOUNDARY, content, purpose),
        headers);
  }

  HttpResponse<String> part(String upload, String data) throws Exception {
    return form(
        "/v1/uploads/" + upload + "/parts",
        """
        --%1$s\r
        Content-Disposition: form-data; name="data"; filename="part"\r
        \r
        %2$s\r
        --%1$s--\r
        """
            .formatted(BOUNDARY, data));
  }

  private HttpResponse<String> form(String path, String body, String... headers) throws Exception {
    HttpRequest.Builder request =
        request(path)
            .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
            .POST(BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request.build());
  }

  public String create(String fileId, String window) throws Exception {
    return json(creating(fileId, window)).path("id").asString();
  }

  HttpResponse<String> creating(String fileId, String window) throws Exception {
    return post(
        "/v1/batches",
        """
        {"input_file_id":"%s","endpoint":"/v1/chat/completions","completion_window":"%s"}\
        """
            .formatted(fileId, window));
  }

  /// The batch, once it is as wanted.
  public JsonNode await(String id, String what, Predicate<JsonNode> wanted) throws Exception {
    AtomicReference<JsonNode> seen = new AtomicReference<>();
    Eventually.await(
        what + " of " + id,
        LIMIT,
        () -> {
          seen.set(json(get("/v1/batches/" + id)));
          return wanted.test(seen.get());
        });
    return seen.get();
  }

  public static Predicate<JsonNode> status(String wanted) {
    return batch -> batch.path("status").asString().equals(wanted);
  }

  public List<JsonNode> content(String fileId) throws Exception {
    return lines(get("/v1/files/" + fileId + "/content"));
  }

  static List<JsonNode> lines(HttpResponse<String> answer) {
    assertEquals(200, answer.statusCode(), answer.body());
    List<JsonNode> lines = new ArrayList<>();
    answer.body().lines().forEach(line -> lines.add(JsonMapper.shared().readTree(line)));
    return lines;
  }
}
