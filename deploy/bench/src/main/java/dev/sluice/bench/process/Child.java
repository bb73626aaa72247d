package dev.sluice.bench.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A process that says one line when it is ready. Only ever signals what it started.
final class Child {
  private static final Duration ORDERLY_END = Duration.ofSeconds(60);

  private final Process process;
  private final Path log;
  private final CompletableFuture<String> firstLine = new CompletableFuture<>();

  private Child(Process process, Path log) {
    this.process = process;
    this.log = log;
    // A read of a pipe holds the thread that carries a virtual one; two of them on two cores would
    // hold all, and with them the generator.
    Thread.ofPlatform().daemon().name("output-" + process.pid()).start(this::readOutput);
  }

  static Child start(List<String> command, Map<String, String> environment, Path log)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
    return new Child(builder.start(), log);
  }

  private void readOutput() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      String line = lines.readLine();
      if (line == null) {
        firstLine.completeExceptionally(new IOException("ended without a line, see " + log));
      } else {
        firstLine.complete(line);
      }
      while (line != null) {
        line = lines.readLine();
      }
    } catch (IOException e) {
      firstLine.completeExceptionally(e);
    }
  }

  String awaitLine(Duration atMost) throws IOException, InterruptedException {
    try {
      return firstLine.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("process " + pid() + " did not become ready, see " + log, e);
    }
  }

  long pid() {
    return process.pid();
  }

  void terminate() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(ORDERLY_END.toMillis(), TimeUnit.MILLISECONDS)) {
      kill();
    }
  }

  /// `kill -9`, and waits until it is gone.
  void kill() throws InterruptedException {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().waitFor();
  }
}
