package dev.sluice.deploy;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// `sluice` as its own process, from the distribution that the build has made.
public final class SluiceProcess implements AutoCloseable {
  private static final Duration END_LIMIT = Duration.ofSeconds(90);

  private final Process process;
  private final Path log;
  private final BufferedReader out;

  private SluiceProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
    this.out = process.inputReader(StandardCharsets.UTF_8);
  }

  /// A whole Sluice on free ports. Another of the same folder goes on with its data.
  ///
  /// @param folder for its data and its log
  public static SluiceProcess up(Path folder) {
    return start(folder, Map.of(), upOnFreePorts(folder));
  }

  /// The same from a configuration.
  ///
  /// @param configuration YAML
  /// @param secrets what `${env:NAME}` stands for
  public static SluiceProcess up(Path folder, String configuration, Map<String, String> secrets)
      throws IOException {
    Path file = Files.writeString(folder.resolve("sluice.yaml"), configuration);
    return start(folder, secrets, upOnFreePorts(folder, "-c", file.toString()));
  }

  private static String[] upOnFreePorts(Path folder, String... more) {
    List<String> arguments =
        List.of(
            "up",
            "--data=" + folder.resolve("data"),
            "--port=0",
            "--kafka-port=0",
            "--admin-port=0");
    return Stream.concat(arguments.stream(), Stream.of(more)).toArray(String[]::new);
  }

  /// @param folder for its log
  public static SluiceProcess start(Path folder, String... arguments) {
    return start(folder, Map.of(), arguments);
  }

  private static SluiceProcess start(
      Path folder, Map<String, String> environment, String... arguments) {
    Path dist = Path.of("target", "dist").toAbsolutePath();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // It lives for seconds: no second compiler, and classes from an archive that the first to end
    // leaves behind.
    command.add("-XX:+UseSerialGC");
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-XX:+AutoCreateSharedArchive");
    command.add("-XX:SharedArchiveFile=" + dist.resolve("tests.jsa"));
    command.add("-Xlog:disable");
    command.add("-Xlog:all=error:stderr");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-cp");
    command.add(
        dist.resolve("lib").resolve("*")
            + File.pathSeparator
            + dist.resolve("lib-broker").resolve("*"));
    command.add("dev.sluice.deploy.cli.SluiceMain");
    command.addAll(List.of(arguments));
    try {
      Path log = Files.createTempFile(folder, "sluice", ".log");
      ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
      builder.environment().putAll(environment);
      return new SluiceProcess(builder.start(), log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Where its API is; blocks until it is ready. For the first line of one that was brought up.
  public String url() throws IOException {
    return line().split(" ", -1)[1];
  }

  /// The next line of stdout; blocks until there is one or the process has ended.
  ///
  /// @throws AssertionError when it has ended
  public String line() throws IOException {
    String line = out.readLine();
    if (line == null) {
      throw new AssertionError("sluice ended without a line on stdout:\n" + stderr());
    }
    return line;
  }

  public String stderr() throws IOException {
    return Files.readString(log);
  }

  /// Asks it to end, as a service manager does, and gives its exit code.
  public int terminate() throws InterruptedException, IOException {
    askToEnd();
    return exitCode();
  }

  /// SIGTERM, which is not waited for.
  void askToEnd() {
    // The handle leaves stdout open, which is still to be read.
    process.toHandle().destroy();
  }

  public int exitCode() throws InterruptedException, IOException {
    if (!process.waitFor(END_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("sluice did not end in " + END_LIMIT + ":\n" + stderr());
    }
    return process.exitValue();
  }

  /// What else it has written to stdout, once it has ended.
  List<String> rest() {
    return out.lines().toList();
  }

  /// Ends it as `kill -9` does.
  public void kill() throws InterruptedException, IOException {
    process.destroyForcibly();
    exitCode();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
