package dev.sluice.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `deploy/sluice` does before there is a Java process.
class LauncherE2E {
  private static final Path LAUNCHER = Path.of("..", "sluice").toAbsolutePath().normalize();

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

  private record Ended(int code, String stderr) {}

  private Ended run(Map<String, String> environment) throws Exception {
    ProcessBuilder builder = new ProcessBuilder("sh", LAUNCHER.toString(), "help");
    builder.environment().putAll(environment);
    Process process = builder.start();
    String stderr = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    return new Ended(process.exitValue(), stderr);
  }
}
