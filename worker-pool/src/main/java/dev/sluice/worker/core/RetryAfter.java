package dev.sluice.worker.core;

import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;

/// Reads the Retry-After header: seconds (vendors also send fractions) or an HTTP date.
public final class RetryAfter {
  /// An absurd value must not park a job for years.
  public static final Duration CAP = Duration.ofHours(1);

  private static final DateTimeFormatter HTTP_DATE =
      DateTimeFormatter.RFC_1123_DATE_TIME.withLocale(Locale.US);

  private RetryAfter() {}

  /// The wait, 0 to [#CAP]; empty for what cannot be read, and for a negative number.
  public static Optional<Duration> parse(String header, Instant now) {
    String value = header.trim();
    if (value.isEmpty() || value.length() > 64) {
      return Optional.empty();
    }
    char first = value.charAt(0);
    if (first >= '0' && first <= '9') {
      return ofSeconds(value);
    }
    try {
      Duration wait = Duration.between(now, ZonedDateTime.parse(value, HTTP_DATE).toInstant());
      return Optional.of(capped(wait));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private static Optional<Duration> ofSeconds(String value) {
    try {
      double seconds = Double.parseDouble(value);
      if (!Double.isFinite(seconds)) {
        return Optional.of(CAP);
      }
      double millis = Math.min(seconds * 1000, (double) CAP.toMillis());
      return Optional.of(Duration.ofMillis((long) millis));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static Duration capped(Duration wait) {
    if (wait.isNegative()) {
      return Duration.ZERO;
    }
    return wait.compareTo(CAP) > 0 ? CAP : wait;
  }
}
