package dev.sluice.bench.scenario;

import dev.sluice.bench.process.SluiceProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The native surface, as far as scenarios need it.
final class JobClient {
  private static final Pattern ID = Pattern.compile("\"id\":\"(job_[0-9a-z]{26})\"");
  private static final int PAGE = 100;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI base;

  JobClient(URI base) {
    this.base = base;
  }

  /// Gives in a job and tells its id.
  String submit() throws IOException, InterruptedException {
    String body =
        "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}"
            .formatted(SluiceProcess.MODEL);
    return ids(send("POST", "/v1/jobs", BodyPublishers.ofString(body))).getFirst();
  }

  /// Asks for a response in the background, streamed, and reads all of its events.
  String backgroundStream() throws IOException, InterruptedException {
    String body =
        "{\"model\":\"%s\",\"input\":\"x\",\"background\":true,\"stream\":true}"
            .formatted(SluiceProcess.MODEL);
    return send("POST", "/v1/responses", BodyPublishers.ofString(body));
  }

  /// A job's events from the first to the last.
  String events(String job) throws IOException, InterruptedException {
    return send("GET", "/v1/jobs/" + job + "/events", BodyPublishers.noBody());
  }

  void cancel(String job) throws IOException, InterruptedException {
    send("POST", "/v1/jobs/" + job + "/cancel", BodyPublishers.noBody());
  }

  /// Ids of the newest jobs, at most so many.
  List<String> newest(int count) throws IOException, InterruptedException {
    List<String> found = new ArrayList<>();
    String after = "";
    while (found.size() < count) {
      List<String> page =
          ids(send("GET", "/v1/jobs?limit=" + PAGE + after, BodyPublishers.noBody()));
      if (page.isEmpty()) {
        break;
      }
      found.addAll(page);
      after = "&after=" + page.getLast();
    }
    return found.subList(0, Math.min(count, found.size()));
  }

  private String send(String method, String path, BodyPublisher body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(base.resolve(path))
            .header("Authorization", "Bearer " + SluiceProcess.KEY)
            .header("Content-Type", "application/json")
            .method(method, body)
            .build();
    HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
    if (answer.statusCode() >= 300) {
      throw new IOException(method + " " + path + ": " + answer.statusCode());
    }
    return answer.body();
  }

  private static List<String> ids(String json) {
    Matcher ids = ID.matcher(json);
    List<String> found = new ArrayList<>();
    while (ids.find()) {
      found.add(ids.group(1));
    }
    return found;
  }
}
