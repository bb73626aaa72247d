package dev.sluice.runtime.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/// Finds what someone probably meant. Pure.
final class NearMiss {
  private NearMiss() {}

  /// The known name that is closest to a written one, if any is close.
  static Optional<String> of(String written, Collection<String> known) {
    String plain = plain(written);
    int bound = Math.max(1, plain.length() / 3);
    return known.stream()
        .filter(name -> distance(plain, plain(name)) <= bound)
        .min(
            Comparator.comparingInt((String name) -> distance(plain, plain(name)))
                .thenComparing(Comparator.naturalOrder()));
  }

  /// ` - did you mean "x"?`, or the whole list where nothing is close.
  static String hint(String written, Collection<String> known, String what) {
    return of(written, known)
        .map(near -> "did you mean \"" + near + "\"?")
        .orElseGet(() -> known.isEmpty() ? "there are no " + what : listed(known, what));
  }

  private static String listed(Collection<String> known, String what) {
    return what + " here: " + String.join(", ", known);
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[-_. ]", "");
  }

  /// Edits between two texts: insert, delete, replace, swap of neighbours.
  private static int distance(String a, String b) {
    int[][] edits = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          edits[i][j] = i + j;
          continue;
        }
        int replace = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        edits[i][j] =
            Math.min(
                edits[i - 1][j - 1] + replace, Math.min(edits[i - 1][j] + 1, edits[i][j - 1] + 1));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          edits[i][j] = Math.min(edits[i][j], edits[i - 2][j - 2] + 1);
        }
      }
    }
    return edits[a.length()][b.length()];
  }
}
