package dev.sluice.runtime.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// What a configuration is made of. A value of an option wins over the environment, that over the
/// file, that over the default.
///
/// @param file the configuration file, as the user named it
/// @param environment variables, of which those named `SLUICE_<OPTION>` count
/// @param options of the command line that were given, by path below `server`, such as `admin_port`
/// @param secrets where references lead
/// @param demand which of them must be there
public record ConfigInput(
    Optional<Path> file,
    Map<String, String> environment,
    Map<String, String> options,
    SecretSource secrets,
    Demand demand) {

  public ConfigInput {
    environment = Map.copyOf(environment);
    options = Map.copyOf(options);
  }

  /// Which secrets a missing of which makes the configuration unusable here; the others are noted.
  public enum Demand {
    /// None: `check`, `plan` and `apply`, whose process needs no secret.
    NONE,
    /// Those of `server`: one service, which takes its policy from the topic.
    SERVER,
    /// All: `up`, whose one process does everything.
    ALL
  }

  /// This process: its environment, and the options given to it.
  public static ConfigInput of(Optional<Path> file, Map<String, String> options, Demand demand) {
    return new ConfigInput(file, System.getenv(), options, SecretSource.system(), demand);
  }
}
