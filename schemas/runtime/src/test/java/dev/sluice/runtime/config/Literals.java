package dev.sluice.runtime.config;

import java.util.Arrays;
import java.util.List;

/// Tells a default that one could write into the file from one described in words.
final class Literals {
  private Literals() {}

  static boolean isLiteral(Key key) {
    return switch (key.shape()) {
      case Shape.Scalar scalar ->
          // Words have blanks, also where any text would do.
          !key.fallback().contains(" ")
              && ScalarReader.read(scalar, key.fallback()) instanceof ScalarReader.Read.Good;
      case Shape.Many(Shape.Scalar _, _) -> key.fallback().startsWith("[");
      case Shape.Many _, Shape.Section _, Shape.Open _ -> false;
    };
  }

  /// The elements of `[a, b]`.
  static List<String> elements(String list) {
    return Arrays.stream(list.substring(1, list.length() - 1).split(","))
        .map(String::strip)
        .toList();
  }
}
