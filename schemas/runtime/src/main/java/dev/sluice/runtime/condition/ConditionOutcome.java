package dev.sluice.runtime.condition;

import java.util.List;

/// What became of the text of a condition.
public sealed interface ConditionOutcome {

  /// It can be asked.
  record Compiled(Condition condition) implements ConditionOutcome {}

  /// It cannot.
  ///
  /// @param flaws at least one
  record Refused(List<Flaw> flaws) implements ConditionOutcome {
    public Refused {
      flaws = List.copyOf(flaws);
    }
  }

  /// What is wrong with a text, and where.
  ///
  /// @param line from 1, within the text
  /// @param column from 1
  record Flaw(int line, int column, String message) {
    @Override
    public String toString() {
      return "line " + line + " column " + column + ": " + message;
    }
  }
}
