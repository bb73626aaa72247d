package dev.sluice.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What `deploy/sluice` does before there is a Java process.
class LauncherE2E {
  private static final Path LAUNCHER = Path.of("..", "sluice").toAbsolutePath().normalize();

  private static final String PREPARING = "sluice: preparing fast starts\n";

  /// A Java that says what the launcher waits for, and learns.
  private static final String TRAINABLE =
      """
      for option in "$@"; do
        case $option in -XX:AOTCacheOutput=*) echo learnt >"${option#*=}" ;; esac
      done
      case "$*" in *--data*)
        echo "ready http://127.0.0.1:1 kafka"
        exec sleep 60 ;;
      esac
      """;

  @TempDir private Path folder;

  @Test
  void missingJdkIsOneLineAndExitThree() throws Exception {
    Ended ended = run(Map.of("SLUICE_JAVA_HOME", folder.toString()));

    assertEquals(3, ended.code());
    assertEquals(1, ended.stderr().lines().count());
    assertTrue(ended.stderr().contains("is not a JDK 25 or newer"));
  }

  @Test
  void olderJdkIsRefusedByItsVersion() throws Exception {
    Path bin = Files.createDirectories(folder.resolve("bin"));
    for (String tool : List.of("java", "javac")) {
      assertTrue(Files.writeString(bin.resolve(tool), "").toFile().setExecutable(true));
    }
    Files.writeString(folder.resolve("release"), "JAVA_VERSION=\"21.0.2\"\n");

    Ended ended = run(Map.of("SLUICE_JAVA_HOME", folder.toString()));

    assertEquals(3, ended.code());
  }

  @Test
  void tellsOthersTheJdkAndBuildsNothing() throws Exception {
    Installed sluice = installed("");
    Files.delete(dist().resolve("lib").resolve("sluice.jar"));

    assertEquals(new Ended(0, sluice.jdk() + "\n", ""), sluice.run("jdk"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bench/run", "ledger-check/run"})
  void whatElseIsRunLooksForTheSameJdk(String script) throws Exception {
    Map<String, String> none = Map.of("SLUICE_JAVA_HOME", folder.toString());

    assertEquals(run(none), run(LAUNCHER.resolveSibling(script), none, "--help"));
  }

  @Test
  void aServerOfUntrainedJarsIsTrainedOnce() throws Exception {
    Installed sluice = installed(TRAINABLE);

    assertEquals(new Ended(0, ""), sluice.run("help"));
    assertEquals(new Ended(0, ""), sluice.run("up", "--help"));
    assertEquals(new Ended(0, PREPARING), sluice.run("up"));
    assertTrue(Files.exists(dist().resolve("up.aot")));
    assertTrue(Files.exists(dist().resolve("client.aot")));
    assertEquals(new Ended(0, ""), sluice.run("up"));

    // Its jars were built since, by somebody else.
    Files.setLastModifiedTime(dist().resolve("trained"), FileTime.from(Instant.EPOCH));
    assertEquals(new Ended(0, ""), sluice.run("get"));
    assertEquals(new Ended(0, PREPARING), sluice.run("prepare"));
    assertEquals(new Ended(0, ""), sluice.run("up"));
  }

  @Test
  void anotherJdkIsTrainedAnew() throws Exception {
    Installed sluice = installed(TRAINABLE);

    assertEquals(new Ended(0, PREPARING), sluice.run("up"));
    Files.writeString(folder.resolve("jdk").resolve("release"), "JAVA_VERSION=\"25.0.9\"\n");

    assertEquals(new Ended(0, PREPARING), sluice.run("up"));
  }

  @Test
  void trainingThatFailsIsSaidAndNotTriedAgain() throws Exception {
    Installed sluice = installed("");

    Ended first = sluice.run("up");

    assertEquals(0, first.code());
    assertTrue(first.stderr().startsWith(PREPARING + "sluice: that failed"), first.stderr());
    assertEquals(new Ended(0, ""), sluice.run("up"));
  }

  @Test
  void nobodyIsTrainedWhoDoesNotWantIt() throws Exception {
    Installed sluice = installed(TRAINABLE);

    assertEquals(
        new Ended(0, ""),
        run(
            sluice.launcher(),
            Map.of("SLUICE_JAVA_HOME", sluice.jdk(), "SLUICE_AOT", "off"),
            "up"));
    assertFalse(Files.exists(dist().resolve("up.aot")));
  }

  private record Installed(Path launcher, String jdk) {
    Ended run(String... command) throws Exception {
      return LauncherE2E.run(
          launcher, Map.of("SLUICE_JAVA_HOME", jdk, "SLUICE_AOT", "on"), command);
    }
  }

  /// A distribution with a Java that is this script.
  private Installed installed(String java) throws IOException {
    for (String part :
        List.of("schemas", "ingress-api", "router-stream", "worker-pool", "metering-stream")) {
      Files.createDirectories(folder.resolve(part));
    }
    Files.createFile(folder.resolve("pom.xml"));
    Files.createDirectories(dist().resolve("lib-broker"));
    Files.createDirectories(dist().resolve("lib"));
    Files.createFile(folder.resolve("deploy").resolve("pom.xml"));
    Files.createFile(dist().resolve("lib").resolve("sluice.jar"));
    Path bin = Files.createDirectories(folder.resolve("jdk").resolve("bin"));
    Files.writeString(bin.resolveSibling("release"), "JAVA_VERSION=\"25.0.1\"\n");
    Files.writeString(bin.resolve("java"), "#!/bin/sh\n" + java);
    Files.writeString(bin.resolve("javac"), "");
    for (String tool : List.of("java", "javac")) {
      assertTrue(bin.resolve(tool).toFile().setExecutable(true));
    }
    return new Installed(
        Files.copy(LAUNCHER, folder.resolve("deploy").resolve("sluice")),
        folder.resolve("jdk").toString());
  }

  private Path dist() {
    return folder.resolve("deploy").resolve("all-in-one").resolve("target").resolve("dist");
  }

  @Test
  void servicesRunWithoutTheScalaBrokerAndWithOneLoggingBackend() throws Exception {
    try (Stream<Path> jars = Files.list(Path.of("target", "dist", "lib"))) {
      List<String> names = jars.map(jar -> jar.getFileName().toString()).toList();

      assertEquals(List.of(), names.stream().filter(LauncherE2E::isUnwanted).toList());
      assertTrue(names.stream().anyMatch(name -> name.startsWith("log4j-core")));
    }
  }

  private static boolean isUnwanted(String jar) {
    return Stream.of("scala", "kafka_2", "kafka-server", "logback", "slf4j-simple", "reload4j")
        .anyMatch(jar::startsWith);
  }

  private record Ended(int code, String stdout, String stderr) {
    Ended(int code, String stderr) {
      this(code, "", stderr);
    }
  }

  private Ended run(Map<String, String> environment) throws Exception {
    return run(LAUNCHER, environment, "help");
  }

  private static Ended run(Path launcher, Map<String, String> environment, String... command)
      throws Exception {
    List<String> words = new ArrayList<>(List.of("sh", launcher.toString()));
    words.addAll(List.of(command));
    ProcessBuilder builder = new ProcessBuilder(words);
    builder.environment().putAll(environment);
    Process process = builder.start();
    // Each is a few lines, so none waits for the other to be read.
    String stdout = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String stderr = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    return new Ended(process.exitValue(), stdout, stderr);
  }
}
