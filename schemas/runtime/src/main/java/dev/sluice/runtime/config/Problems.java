package dev.sluice.runtime.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Collects all that is wrong, so that one run reports everything. For one thread.
final class Problems {
  private final List<Problem> errors = new ArrayList<>();
  private final List<Problem> notes = new ArrayList<>();

  /// Something for which the configuration is refused.
  void add(Where where, String path, String text) {
    errors.add(new Problem(where, path, text));
  }

  /// Something that the reader should know, though the configuration is good.
  void note(Where where, String path, String text) {
    notes.add(new Problem(where, path, text));
  }

  boolean none() {
    return errors.isEmpty();
  }

  /// In the order of the file.
  List<Problem> errors() {
    return sorted(errors);
  }

  List<Problem> notes() {
    return sorted(notes);
  }

  private static List<Problem> sorted(List<Problem> problems) {
    return problems.stream().sorted(Comparator.comparing(Problem::where)).distinct().toList();
  }
}
