package dev.sluice.deploy.cli;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Speaks the native surface for the commands: sends one request, reads its JSON, and turns every
/// failure into the exit code and the line that belong to it.
final class SluiceClient implements AutoCloseable {
  static final JsonMapper JSON = JsonMapper.builder().build();

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
  private static final Duration UPLOAD_LIMIT = Duration.ofHours(2);
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(90);

  private final URI base;
  private final String key;
  private final HttpClient http;

  SluiceClient(URI base, String key) {
    String text = base.toString();
    this.base = URI.create(text.endsWith("/") ? text : text + "/");
    this.key = key;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_LIMIT)
            .build();
  }

  JsonNode get(String path) {
    return json(send(request(path).GET().build(), BodyHandlers.ofByteArray()));
  }

  JsonNode post(String path, JsonNode body, Map<String, String> headers) {
    HttpRequest.Builder request =
        request(path)
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)));
    headers.forEach(request::header);
    return json(send(request.build(), BodyHandlers.ofByteArray()));
  }

  /// An open stream of server-sent events; the caller closes it.
  InputStream events(String path, Map<String, String> headers) {
    HttpRequest.Builder request = request(path).header("accept", "text/event-stream").GET();
    headers.forEach(request::header);
    HttpResponse<InputStream> response = send(request.build(), BodyHandlers.ofInputStream());
    if (response.statusCode() == 200) {
      return response.body();
    }
    try (InputStream body = response.body()) {
      throw refusal(response.statusCode(), body.readAllBytes());
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /// Hands a file in, a piece at a time.
  ///
  /// @param frame what stands around its bytes
  JsonNode upload(String path, Path file, MultipartFrame frame) {
    HttpRequest.BodyPublisher body;
    try {
      body =
          BodyPublishers.concat(
              BodyPublishers.ofByteArray(frame.head()),
              BodyPublishers.ofFile(file),
              BodyPublishers.ofByteArray(frame.tail()));
    } catch (FileNotFoundException e) {
      throw new CommandFailure(ExitCode.USAGE, file + " cannot be read");
    }
    HttpRequest request =
        request(path)
            .timeout(UPLOAD_LIMIT)
            .header("content-type", frame.contentType())
            .POST(body)
            .build();
    return json(send(request, BodyHandlers.ofByteArray()));
  }

  /// The bytes of something from an offset on; none when there are no more. The caller closes it.
  InputStream download(String path, long from) {
    HttpRequest.Builder request = request(path).GET();
    if (from > 0) {
      request.header("range", "bytes=" + from + "-");
    }
    HttpResponse<InputStream> response = send(request.build(), BodyHandlers.ofInputStream());
    int status = response.statusCode();
    if (status == (from > 0 ? 206 : 200)) {
      return response.body();
    }
    try (InputStream body = response.body()) {
      if (status == 416) {
        return InputStream.nullInputStream();
      }
      throw refusal(status, body.readAllBytes());
    } catch (IOException e) {
      throw broken(e);
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(base.resolve(path))
        .timeout(ANSWER_LIMIT)
        .header("authorization", "Bearer " + key)
        .header("user-agent", "sluice-cli");
  }

  private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
    try {
      return http.send(request, handler);
    } catch (ConnectException e) {
      throw CommandFailure.passing(
          ExitCode.ENVIRONMENT,
          "no Sluice answers at " + base + ": start one with `sluice up`, or give --url");
    } catch (HttpTimeoutException e) {
      throw CommandFailure.passing(ExitCode.TIMED_OUT, "no answer from " + base + " in time");
    } catch (IOException e) {
      throw broken(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(ExitCode.FAILED, "interrupted");
    }
  }

  CommandFailure broken(IOException e) {
    return CommandFailure.passing(
        ExitCode.FAILED, "the connection to " + base + " broke: " + e.getMessage());
  }

  private static JsonNode json(HttpResponse<byte[]> response) {
    if (response.statusCode() / 100 != 2) {
      throw refusal(response.statusCode(), response.body());
    }
    try {
      return JSON.readTree(response.body());
    } catch (JacksonException e) {
      throw new CommandFailure(
          ExitCode.FAILED, "the answer is not JSON: is this the address of Sluice?");
    }
  }

  private static CommandFailure refusal(int status, byte[] body) {
    String text = status + " " + explanation(body);
    return switch (status) {
      case 429, 502, 503, 504 -> CommandFailure.passing(codeOf(status), text);
      default -> new CommandFailure(codeOf(status), text);
    };
  }

  static ExitCode codeOf(int status) {
    return switch (status) {
      case 400, 405, 413, 415, 422, 431 -> ExitCode.USAGE;
      case 401, 402, 403, 429 -> ExitCode.REFUSED;
      case 404, 410 -> ExitCode.NOT_FOUND;
      case 408, 504 -> ExitCode.TIMED_OUT;
      case 503 -> ExitCode.ENVIRONMENT;
      default -> ExitCode.FAILED;
    };
  }

  /// What an error body says, whichever surface's shape it has.
  private static String explanation(byte[] body) {
    try {
      JsonNode problem = JSON.readTree(body);
      JsonNode error = problem.path("error");
      for (JsonNode text :
          new JsonNode[] {problem.path("detail"), error.path("message"), problem.path("title")}) {
        if (text.isString()) {
          String code = problem.path("code").asString("");
          return code.isEmpty() ? text.asString() : code + ": " + text.asString();
        }
      }
    } catch (JacksonException e) {
      return "with a body that is not JSON: is this the address of Sluice?";
    }
    return "without an explanation";
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
