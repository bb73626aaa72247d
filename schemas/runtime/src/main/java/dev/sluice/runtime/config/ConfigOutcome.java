package dev.sluice.runtime.config;

import java.util.List;

/// What came of reading a configuration.
public sealed interface ConfigOutcome {

  record Loaded(Configuration configuration) implements ConfigOutcome {}

  /// @param problems all of them, in the order of the file
  /// @param notes what else its reader should know
  record Rejected(List<Problem> problems, List<Problem> notes) implements ConfigOutcome {
    public Rejected {
      problems = List.copyOf(problems);
      notes = List.copyOf(notes);
    }
  }
}
