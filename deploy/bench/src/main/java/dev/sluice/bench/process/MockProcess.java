package dev.sluice.bench.process;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// The mock provider in a process of its own, so that its processor time can be told apart.
public final class MockProcess implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(60);

  private final Child child;
  private final URI url;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private MockProcess(Child child, URI url) {
    this.child = child;
    this.url = url;
  }

  public static MockProcess start(Path log) throws IOException, InterruptedException {
    return start(log, 0);
  }

  /// @param port 0 picks one
  public static MockProcess start(Path log, int port) throws IOException, InterruptedException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Child child =
        Child.start(
            List.of(
                java,
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.sluice.bench.BenchMain",
                "mock",
                Integer.toString(port)),
            Map.of(),
            log);
    return new MockProcess(child, URI.create(child.awaitLine(START)));
  }

  /// Base URL, without `/v1`.
  public URI url() {
    return url;
  }

  public long pid() {
    return child.pid();
  }

  public void delayMillis(int millis) throws IOException, InterruptedException {
    get("/control?delay=" + millis);
  }

  /// Keeps all answers back, or lets them go.
  public void hold(boolean hold) throws IOException, InterruptedException {
    get("/control?hold=" + hold);
  }

  /// From now on streams have so many events with text, spread over this time.
  public void stream(int events, Duration over) throws IOException, InterruptedException {
    get("/control?events=" + events + "&over=" + over.toMillis());
  }

  /// Calls so far.
  public long count() throws IOException, InterruptedException {
    return Long.parseLong(get("/count"));
  }

  private String get(String path) throws IOException, InterruptedException {
    return http.send(HttpRequest.newBuilder(url.resolve(path)).build(), BodyHandlers.ofString())
        .body();
  }

  @Override
  public void close() {
    try {
      child.kill();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    http.close();
  }
}
