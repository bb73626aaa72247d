package dev.sluice.ledgercheck.driver;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/// One child process that can be killed, frozen and resumed. Only ever signals what it started.
final class ManagedProcess {
  private static final Duration DEATH = Duration.ofSeconds(10);
  private static final Duration ORDERLY_END = Duration.ofSeconds(45);

  private final Process process;
  private final CompletableFuture<Optional<String>> firstLine = new CompletableFuture<>();

  private ManagedProcess(Process process) {
    this.process = process;
    Thread.ofVirtual().name("first-line").start(this::readOutput);
  }

  /// @param log takes the standard error of this and every later start
  static ManagedProcess start(List<String> command, Map<String, String> environment, Path log)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    File file = log.toFile();
    return new ManagedProcess(
        builder.redirectError(ProcessBuilder.Redirect.appendTo(file)).start());
  }

  private void readOutput() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      String line = lines.readLine();
      firstLine.complete(Optional.ofNullable(line));
      while (line != null) {
        line = lines.readLine();
      }
    } catch (IOException e) {
      // The stream of a killed process may break instead of ending.
      firstLine.complete(Optional.empty());
    }
  }

  /// The first line of its standard output; empty when it ended without one or not in time.
  Optional<String> awaitFirstLine(Duration atMost) throws InterruptedException {
    try {
      return firstLine.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a line cannot fail to be read", e);
    }
  }

  /// SIGTERM.
  void askToEnd() {
    process.destroy();
  }

  /// SIGTERM, and waits for the orderly end.
  void terminate() throws InterruptedException {
    askToEnd();
    if (!process.waitFor(ORDERLY_END.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new IllegalStateException("process %d ignores SIGTERM".formatted(process.pid()));
    }
  }

  boolean alive() {
    return process.isAlive();
  }

  /// `kill -9`, and waits until it is gone. Children go too: a launcher may not have been replaced
  /// by the program it launched.
  void kill() {
    List<ProcessHandle> all =
        Stream.concat(Stream.of(process.toHandle()), process.descendants()).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    process.onExit().orTimeout(DEATH.toSeconds(), TimeUnit.SECONDS).join();
  }

  void freeze() throws IOException, InterruptedException {
    signal("-STOP");
  }

  void resume() throws IOException, InterruptedException {
    signal("-CONT");
  }

  private void signal(String signal) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", signal, Long.toString(process.pid())).start();
    if (kill.waitFor() != 0) {
      throw new IOException("kill %s %d failed".formatted(signal, process.pid()));
    }
  }
}
