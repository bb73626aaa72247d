package dev.sluice.bench.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Where and on what something was measured. A figure without it is worth nothing.
public record Machine(
    int cores, String processor, double memoryGib, String jdk, String kernel, String commit) {

  public static Machine here(Path repository) throws IOException, InterruptedException {
    return new Machine(
        Runtime.getRuntime().availableProcessors(),
        value(Path.of("/proc/cpuinfo"), "model name"),
        Math.round(
                Long.parseLong(value(Path.of("/proc/meminfo"), "MemTotal").replaceAll("\\D", ""))
                    / 1024.0
                    / 102.4)
            / 10.0,
        Runtime.version().toString(),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        commit(repository));
  }

  private static String value(Path file, String name) throws IOException {
    try (var lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown");
    }
  }

  /// The commit of a checkout, and whether it has changes beside the pages.
  public static String commit(Path repository) throws IOException, InterruptedException {
    String head = git(repository, "rev-parse", "--short=12", "HEAD");
    String changes =
        git(repository, "status", "--porcelain", "--", ".", ":(exclude)docs/benchmarks");
    return changes.isEmpty() ? head : head + " with local changes";
  }

  private static String git(Path repository, String... arguments)
      throws IOException, InterruptedException {
    ProcessBuilder git = new ProcessBuilder("git", "-C", repository.toString());
    git.command().addAll(List.of(arguments));
    Process process = git.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor() == 0 ? text.strip() : "unknown";
  }
}
