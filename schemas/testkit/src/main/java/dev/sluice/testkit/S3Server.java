package dev.sluice.testkit;

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

/// S3Proxy, an S3 server that checks signatures and keeps objects in a folder, as its own process.
/// The build copies it before the integration tests.
public final class S3Server implements AutoCloseable {
  public static final String BUCKET = "sluice-test";
  public static final String KEY_ID = "test-id";
  public static final String SECRET = "test-secret";

  private static final Path JAR = Path.of("target", "s3proxy", "s3proxy.jar");
  private static final Pattern LISTENING =
      Pattern.compile("Started .*ServerConnector.*\\{127\\.0\\.0\\.1:(\\d+)}");
  private static final Duration START_LIMIT = Duration.ofMinutes(1);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

  private final Process process;
  private final int port;

  private S3Server(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /// With the bucket, on a free port.
  ///
  /// @param folder for its objects; what an earlier one left there is served
  public static S3Server start(Path folder) throws Exception {
    return start(folder, 0);
  }

  /// @param port that an earlier one had
  public static S3Server start(Path folder, int port) throws Exception {
    if (!Files.exists(JAR)) {
      throw new IllegalStateException(JAR + " is missing: run `mvn verify`, which copies it");
    }
    Path objects = Files.createDirectories(folder.resolve("objects"));
    Files.createDirectories(objects.resolve(BUCKET));
    Path settings =
        Files.writeString(
            folder.resolve("s3proxy.properties"),
            """
            s3proxy.authorization=aws-v4
            s3proxy.endpoint=http://127.0.0.1:%d
            s3proxy.identity=%s
            s3proxy.credential=%s
            jclouds.provider=filesystem-nio2
            jclouds.filesystem.basedir=%s
            """
                .formatted(port, KEY_ID, SECRET, objects));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx192m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-jar",
                JAR.toString(),
                "--properties",
                settings.toString())
            .redirectErrorStream(true)
            .start();
    CompletableFuture<Integer> listening = new CompletableFuture<>();
    Thread.ofVirtual().start(() -> readLog(process, listening));
    try {
      return new S3Server(process, listening.get(START_LIMIT.toSeconds(), TimeUnit.SECONDS));
    } catch (Exception e) {
      process.destroyForcibly();
      throw e;
    }
  }

  /// To its end, or the process would block on a full pipe.
  private static void readLog(Process process, CompletableFuture<Integer> listening) {
    StringBuilder last = new StringBuilder();
    try (BufferedReader lines = process.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Matcher found = LISTENING.matcher(line);
        if (found.find()) {
          listening.complete(Integer.valueOf(found.group(1)));
        }
        if (!listening.isDone()) {
          last.append(line).append('\n');
        }
      }
      listening.completeExceptionally(new IllegalStateException("it ended:\n" + last));
    } catch (IOException e) {
      listening.completeExceptionally(new UncheckedIOException(e));
    }
  }

  public int port() {
    return port;
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /// At once, as `kill -9` does.
  @Override
  public void close() {
    process.destroyForcibly();
    try {
      var _ = process.waitFor(STOP_LIMIT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
