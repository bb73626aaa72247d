package dev.sluice.ingress.core;

import java.time.Duration;
import java.util.Locale;

/// What `Prefer` (RFC 7240) asks of a submission. Unknown preferences are ignored, as the standard
/// says.
///
/// @param respondAsync whether the answer is the job and not its result
/// @param patience how long to hold the answer back for the result; zero when not asked
public record Preference(boolean respondAsync, Duration patience) {

  /// Longest wait that is granted.
  public static final Duration MAX_WAIT = Duration.ofSeconds(60);

  public static final Preference NONE = new Preference(false, Duration.ZERO);

  public static Preference parse(String header) {
    boolean async = false;
    Duration wait = Duration.ZERO;
    for (String part : header.split("[,;]", -1)) {
      String preference = part.strip().toLowerCase(Locale.ROOT);
      if (preference.equals("respond-async")) {
        async = true;
      } else if (preference.startsWith("wait=")) {
        wait = seconds(preference.substring(5).strip().replace("\"", ""));
      }
    }
    return new Preference(async, wait);
  }

  /// Whether anything was asked that changes the answer.
  public boolean asked() {
    return respondAsync || patience.isPositive();
  }

  /// Value of `Preference-Applied`.
  public String applied() {
    String waited = patience.isPositive() ? "wait=" + patience.toSeconds() : "";
    if (!respondAsync) {
      return waited;
    }
    return waited.isEmpty() ? "respond-async" : "respond-async, " + waited;
  }

  private static Duration seconds(String digits) {
    if (digits.isEmpty() || digits.length() > 9 || !digits.chars().allMatch(Character::isDigit)) {
      return Duration.ZERO;
    }
    Duration asked = Duration.ofSeconds(Long.parseLong(digits));
    return asked.compareTo(MAX_WAIT) > 0 ? MAX_WAIT : asked;
  }
}
