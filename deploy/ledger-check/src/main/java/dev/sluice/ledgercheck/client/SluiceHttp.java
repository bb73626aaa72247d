package dev.sluice.ledgercheck.client;

import dev.sluice.ledgercheck.core.Account;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/// Sends requests to wherever Sluice is, as one of the tenants, and never sends one again by
/// itself.
///
/// Safe for any number of threads; calls block.
public final class SluiceHttp implements AutoCloseable {
  private static final Duration LONGEST_CALL = Duration.ofSeconds(90);

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(3))
          .executor(Executors.newVirtualThreadPerTaskExecutor())
          .build();
  private final LiveTarget target;

  public SluiceHttp(LiveTarget target) {
    this.target = target;
  }

  /// What came back; or that nothing did.
  ///
  /// @param status 0 when no answer came
  /// @param sent false when the connection was never made
  /// @param requestId of the `x-request-id` header
  public record Reply(int status, boolean sent, Optional<String> requestId, String body) {
    static Reply none(boolean sent) {
      return new Reply(0, sent, Optional.empty(), "");
    }
  }

  Reply post(Account account, String path, String body, Map<String, String> headers)
      throws InterruptedException {
    HttpRequest.Builder request =
        request(account, path)
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    headers.forEach(request::header);
    return exchange(request.build());
  }

  public Reply get(Account account, String path) throws InterruptedException {
    return exchange(request(account, path).GET().build());
  }

  private Reply exchange(HttpRequest request) throws InterruptedException {
    try {
      HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
      return new Reply(response.statusCode(), true, requestId(response), response.body());
    } catch (ConnectException | HttpConnectTimeoutException e) {
      return Reply.none(false);
    } catch (IOException e) {
      return Reply.none(true);
    }
  }

  /// Takes the lines of a streamed answer as they come.
  interface LineReader {
    void line(String line);
  }

  /// A streamed exchange: the reply holds no body, the lines went to the reader.
  Reply stream(HttpRequest request, LineReader reader) throws InterruptedException {
    HttpResponse<Stream<String>> response;
    try {
      response = http.send(request, HttpResponse.BodyHandlers.ofLines());
    } catch (ConnectException | HttpConnectTimeoutException e) {
      return Reply.none(false);
    } catch (IOException e) {
      return Reply.none(true);
    }
    StringBuilder plain = new StringBuilder();
    LineReader lineReader = response.statusCode() == 200 ? reader : plain::append;
    try (Stream<String> lines = response.body()) {
      lines.forEachOrdered(lineReader::line);
    } catch (UncheckedIOException e) {
      // Cut in the middle: what was read stands, and the reader knows that no end came.
      return new Reply(response.statusCode(), true, requestId(response), plain.toString());
    }
    return new Reply(response.statusCode(), true, requestId(response), plain.toString());
  }

  HttpRequest.Builder request(Account account, String path) {
    URI url = target.url().resolve(path);
    return HttpRequest.newBuilder(url)
        .timeout(LONGEST_CALL)
        .header("authorization", "Bearer " + account.key());
  }

  private static Optional<String> requestId(HttpResponse<?> response) {
    return response.headers().firstValue("x-request-id");
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
