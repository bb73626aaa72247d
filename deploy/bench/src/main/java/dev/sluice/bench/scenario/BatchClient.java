package dev.sluice.bench.scenario;

import dev.sluice.bench.process.SluiceProcess;
import java.io.BufferedWriter;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Makes inputs of batches, uploads them and asks for batches.
final class BatchClient {
  private static final Pattern ID = Pattern.compile("\"id\":\"((?:file-|batch_)[^\"]+)\"");
  private static final String BOUNDARY = "sluice-bench-0123456789";

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI base;

  BatchClient(URI base) {
    this.base = base;
  }

  /// An input of so many lines of about 300 bytes, each with a name and a question of its own.
  static Path input(Path folder, int lines) throws IOException {
    Path file = folder.resolve("input-" + lines + ".jsonl");
    if (Files.exists(file)) {
      return file;
    }
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      for (int i = 0; i < lines; i++) {
        out.write(
            ("{\"custom_id\":\"line-%d\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\","
                    + "\"body\":{\"model\":\"%s\",\"messages\":[{\"role\":\"system\",\"content\":"
                    + "\"You answer in one sentence.\"},{\"role\":\"user\",\"content\":"
                    + "\"What is the best thing to do with item %d of a long list of items?\"}],"
                    + "\"max_tokens\":100}}\n")
                .formatted(i, SluiceProcess.MODEL, i));
      }
    }
    return file;
  }

  /// Uploads a file for batches; its id.
  String upload(Path file) throws IOException, InterruptedException {
    String head =
        "--%s\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--%s\r\n"
                .formatted(BOUNDARY, BOUNDARY)
            + "Content-Disposition: form-data; name=\"file\"; filename=\"input.jsonl\"\r\n"
            + "Content-Type: application/octet-stream\r\n\r\n";
    String tail = "\r\n--" + BOUNDARY + "--\r\n";
    return send(
        "/v1/files",
        "multipart/form-data; boundary=" + BOUNDARY,
        BodyPublishers.concat(
            BodyPublishers.ofString(head),
            BodyPublishers.ofFile(file),
            BodyPublishers.ofString(tail)));
  }

  /// Asks for a batch of an uploaded file; its id.
  String create(String file) throws IOException, InterruptedException {
    return send(
        "/v1/batches",
        "application/json",
        BodyPublishers.ofString(
            ("{\"input_file_id\":\"%s\",\"endpoint\":\"/v1/chat/completions\","
                    + "\"completion_window\":\"24h\"}")
                .formatted(file)));
  }

  private String send(String path, String type, BodyPublisher body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(base.resolve(path))
            .header("Authorization", "Bearer " + SluiceProcess.KEY)
            .header("Content-Type", type)
            .POST(body)
            .build();
    HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
    Matcher id = ID.matcher(answer.body());
    if (answer.statusCode() != 200 || !id.find()) {
      throw new IOException(path + ": " + answer.statusCode() + " " + answer.body());
    }
    return id.group(1);
  }
}
