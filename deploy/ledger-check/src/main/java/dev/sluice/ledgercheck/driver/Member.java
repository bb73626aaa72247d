package dev.sluice.ledgercheck.driver;

import dev.sluice.ledgercheck.client.Pause;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/// One service of a split fleet: how it is started, and how one knows that it serves.
///
/// Used by the driver's thread.
final class Member {
  private static final Duration START = Duration.ofSeconds(90);
  private static final Duration BETWEEN_PROBES = Duration.ofMillis(100);

  private final HttpClient http = HttpClient.newHttpClient();
  private final String name;
  private final List<String> command;
  private final Map<String, String> environment;
  private final Path log;

  /// Of its admin port; absent for the broker, which says by its first line that it serves.
  private final @Nullable URI readiness;

  private @Nullable ManagedProcess process;

  Member(
      String name,
      List<String> command,
      Map<String, String> environment,
      Path log,
      @Nullable URI readiness) {
    this.name = name;
    this.command = command;
    this.environment = environment;
    this.log = log;
    this.readiness = readiness;
  }

  String name() {
    return name;
  }

  void start() throws IOException {
    process = ManagedProcess.start(command, environment, log);
  }

  ManagedProcess process() {
    if (process == null) {
      throw new IllegalStateException(name + " is not started");
    }
    return process;
  }

  void kill() {
    if (process != null) {
      process.kill();
    }
  }

  /// Waits until it serves; fails when it ends before, or does not in time.
  void awaitReady() throws IOException, InterruptedException {
    if (readiness == null) {
      Optional<String> line = process().awaitFirstLine(START);
      if (line.isEmpty() || !line.get().startsWith("ready")) {
        throw new IOException(name + " printed no ready line; its log is " + log);
      }
      return;
    }
    Instant deadline = Instant.now().plus(START);
    while (!answersReady(readiness)) {
      if (!process().alive() || Instant.now().isAfter(deadline)) {
        throw new IOException(
            "%s %s; its log is %s"
                .formatted(name, process().alive() ? "does not get ready" : "ended", log));
      }
      Pause.of(BETWEEN_PROBES);
    }
  }

  private boolean answersReady(URI url) throws InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(url).timeout(Duration.ofSeconds(5)).build();
    try {
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      // Not yet listening is the usual way of not being ready.
      return false;
    }
  }

  /// The value of one of its metrics; empty when it does not answer or has none of that name.
  OptionalDouble metric(String metric) throws InterruptedException {
    if (readiness == null) {
      return OptionalDouble.empty();
    }
    HttpRequest request =
        HttpRequest.newBuilder(readiness.resolve("/metrics"))
            .timeout(Duration.ofSeconds(1))
            .build();
    try {
      String text = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
      return text.lines()
          .filter(line -> line.startsWith(metric + " ") || line.startsWith(metric + "{"))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .findFirst();
    } catch (IOException e) {
      // A process that is dead or frozen tells nothing.
      return OptionalDouble.empty();
    }
  }

  /// A loopback port that is free now.
  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
