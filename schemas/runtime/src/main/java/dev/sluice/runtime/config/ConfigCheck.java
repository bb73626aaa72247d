package dev.sluice.runtime.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Checks a configuration file without starting anything: `sluice check`.
public final class ConfigCheck {

  /// What there is to say about a file.
  ///
  /// @param problems for which it is refused; empty for a good file
  /// @param notes what its reader should know, such as variables that are not set here
  public record Report(List<Problem> problems, List<Problem> notes) {
    public Report {
      problems = List.copyOf(problems);
      notes = List.copyOf(notes);
    }

    public boolean good() {
      return problems.isEmpty();
    }
  }

  private ConfigCheck() {}

  /// Checks a file for itself: the environment's overrides are left out, and secrets that are not
  /// here are only noted, for they need to be only where it runs.
  public static Report check(Path file) {
    return check(file, SecretSource.system());
  }

  static Report check(Path file, SecretSource secrets) {
    var input =
        new ConfigInput(Optional.of(file), Map.of(), Map.of(), secrets, ConfigInput.Demand.NONE);
    return switch (ConfigLoader.load(input)) {
      case ConfigOutcome.Loaded(Configuration good) -> new Report(List.of(), good.notes());
      case ConfigOutcome.Rejected(List<Problem> problems, List<Problem> notes) ->
          new Report(problems, notes);
    };
  }
}
