package dev.sluice.runtime.registry;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Apicurio's registry as its own process on a free port, with its store in memory. The build
/// unpacks it before the integration tests.
final class ApicurioServer implements AutoCloseable {
  private static final Path JAR = Path.of("target", "apicurio", "quarkus-run.jar");
  private static final Pattern LISTENING =
      Pattern.compile("Listening on: (http://127\\.0\\.0\\.1:\\d+)");
  private static final Duration START_LIMIT = Duration.ofMinutes(3);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(20);

  private final Process process;
  private final URI url;

  private ApicurioServer(Process process, URI url) {
    this.process = process;
    this.url = url;
  }

  static ApicurioServer start() throws Exception {
    if (!Files.exists(JAR)) {
      throw new IllegalStateException(JAR + " is missing: run `mvn verify`, which unpacks it");
    }
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx384m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dquarkus.http.host=127.0.0.1",
                "-Dquarkus.http.port=0",
                "-Dquarkus.management.host=127.0.0.1",
                "-Dquarkus.management.port=0",
                "-jar",
                JAR.toString())
            .redirectErrorStream(true)
            .start();
    var address = new CompletableFuture<URI>();
    Thread.ofVirtual().start(() -> readLog(process, address));
    try {
      URI base = address.get(START_LIMIT.toSeconds(), TimeUnit.SECONDS);
      return new ApicurioServer(process, base.resolve("/apis/ccompat/v7"));
    } catch (Exception e) {
      process.destroyForcibly();
      throw e;
    }
  }

  /// To its end, or the process would block on a full pipe.
  private static void readLog(Process process, CompletableFuture<URI> address) {
    var last = new StringBuilder();
    try (BufferedReader lines = process.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Matcher listening = LISTENING.matcher(line);
        if (listening.find()) {
          address.complete(URI.create(listening.group(1)));
        }
        if (!address.isDone()) {
          last.append(line).append('\n');
        }
      }
      address.completeExceptionally(new IllegalStateException("it ended:\n" + last));
    } catch (IOException e) {
      address.completeExceptionally(new UncheckedIOException(e));
    }
  }

  URI url() {
    return url;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_LIMIT)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
