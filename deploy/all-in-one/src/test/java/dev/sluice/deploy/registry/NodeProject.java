package dev.sluice.deploy.registry;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/// A project of `deploy/acceptance`, installed from its lock file without running any script of a
/// package. Where Node is missing the test is skipped and says so.
public final class NodeProject {
  private static final Path ACCEPTANCE = Path.of("..", "acceptance");
  private static final Duration INSTALL_LIMIT = Duration.ofMinutes(5);
  private static final Duration RUN_LIMIT = Duration.ofMinutes(2);

  private final Path folder;

  private NodeProject(Path folder) {
    this.folder = folder;
  }

  public static NodeProject at(String name) {
    var project = new NodeProject(ACCEPTANCE.resolve(name));
    Assumptions.assumeTrue(
        installed("node") && installed("npm"), "skipped: it needs node and npm on the PATH");
    try {
      project.install();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return project;
  }

  /// Runs a script of the project.
  ///
  /// @return the last line it printed
  public Optional<String> run(String script, String... arguments) {
    List<String> command = new ArrayList<>(List.of("node", script));
    command.addAll(List.of(arguments));
    try {
      return execute(command, RUN_LIMIT).lines().reduce((_, last) -> last);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Starts a script of the project that goes on until its standard input ends. What it says of
  /// errors comes on this process's own.
  public Process start(String script) throws IOException {
    return new ProcessBuilder("node", script)
        .directory(folder.toFile())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /// Once for all tests that use it, which may run at the same time.
  private void install() throws IOException {
    synchronized (NodeProject.class) {
      installAlone();
    }
  }

  private void installAlone() throws IOException {
    Path wanted = folder.resolve("package-lock.json");
    Path present = folder.resolve("node_modules").resolve(".package-lock.json");
    if (Files.exists(present)
        && Files.getLastModifiedTime(present).compareTo(Files.getLastModifiedTime(wanted)) >= 0) {
      return;
    }
    execute(List.of("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"), INSTALL_LIMIT);
  }

  private String execute(List<String> command, Duration limit) throws IOException {
    Path out = Files.createTempFile("sluice-node", ".out");
    Path err = Files.createTempFile("sluice-node", ".err");
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      if (!process.waitFor(limit)) {
        process.destroyForcibly();
        Assertions.fail(command.getFirst() + " did not end in " + limit);
      }
      String printed = Files.readString(out, StandardCharsets.UTF_8);
      Assertions.assertEquals(
          0, process.exitValue(), () -> command.getFirst() + ":\n" + printed + text(err));
      return printed;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while running " + command.getFirst(), e);
    } finally {
      Files.deleteIfExists(out);
      Files.deleteIfExists(err);
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean installed(String tool) {
    try {
      Process version =
          new ProcessBuilder(tool, "--version")
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return version.waitFor(30, TimeUnit.SECONDS) && version.exitValue() == 0;
    } catch (IOException _) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
