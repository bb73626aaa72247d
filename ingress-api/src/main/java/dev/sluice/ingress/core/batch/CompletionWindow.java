package dev.sluice.ingress.core.batch;

import java.time.Duration;
import java.util.Optional;

/// How long a batch may take, as the vendors write it: `24h`; here any number of seconds, minutes,
/// hours or days up to seven days.
public final class CompletionWindow {
  private static final Duration LONGEST = Duration.ofDays(7);

  private CompletionWindow() {}

  /// Empty when it is none.
  public static Optional<Duration> parse(String text) {
    if (!text.matches("[1-9][0-9]{0,5}[smhd]")) {
      return Optional.empty();
    }
    long count = Long.parseLong(text.substring(0, text.length() - 1));
    Duration window =
        switch (text.charAt(text.length() - 1)) {
          case 's' -> Duration.ofSeconds(count);
          case 'm' -> Duration.ofMinutes(count);
          case 'h' -> Duration.ofHours(count);
          default -> Duration.ofDays(count);
        };
    return window.compareTo(LONGEST) > 0 ? Optional.empty() : Optional.of(window);
  }
}
