package dev.sluice.runtime.config;

import static org.junit.jupiter.api.Assertions.fail;

import dev.sluice.runtime.config.ConfigInput.Demand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Loads a text as the file `sluice.yaml`.
final class LoadedFile {
  private LoadedFile() {}

  static Configuration good(Path folder, String yaml, Map<String, String> environment)
      throws IOException {
    return switch (load(folder, yaml, environment, Demand.NONE)) {
      case ConfigOutcome.Loaded(Configuration configuration) -> configuration;
      case ConfigOutcome.Rejected(List<Problem> problems, _) -> fail(problems + " in " + yaml);
    };
  }

  /// The problems, each as `line:col: path: text`.
  static List<String> problems(Path folder, String yaml) throws IOException {
    return problems(folder, yaml, Map.of(), Demand.NONE);
  }

  static List<String> problems(
      Path folder, String yaml, Map<String, String> environment, Demand demand) throws IOException {
    return switch (load(folder, yaml, environment, demand)) {
      case ConfigOutcome.Loaded _ -> List.of();
      case ConfigOutcome.Rejected(List<Problem> problems, _) -> shortened(folder, problems);
    };
  }

  static List<String> shortened(Path folder, List<Problem> problems) {
    String prefix = folder.resolve("sluice.yaml") + ":";
    return problems.stream().map(problem -> problem.toString().replace(prefix, "")).toList();
  }

  static ConfigOutcome load(
      Path folder, String yaml, Map<String, String> environment, Demand demand) throws IOException {
    Path file = folder.resolve("sluice.yaml");
    Files.writeString(file, yaml);
    return ConfigLoader.load(
        new ConfigInput(
            Optional.of(file), environment, Map.of(), SecretSource.of(environment), demand));
  }
}
