package dev.sluice.ingress.core;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/// Until when a job may start a call.
public final class DeadlineRule {

  /// Inputs stay in the log for eight days; a job must end well before.
  public static final Duration LONGEST = Duration.ofDays(7);

  private static final Duration SHORTEST = Duration.ofSeconds(1);

  private DeadlineRule() {}

  /// A deadline as a job names it: an ISO-8601 duration from now, or an instant. Empty when it is
  /// neither, or past, or further away than [#LONGEST].
  public static Optional<Instant> named(String text, Instant now) {
    try {
      Instant deadline =
          text.startsWith("P") || text.startsWith("p")
              ? now.plus(Duration.parse(text))
              : OffsetDateTime.parse(text).toInstant();
      boolean usable = deadline.isAfter(now) && !deadline.isAfter(now.plus(LONGEST));
      return usable ? Optional.of(deadline) : Optional.empty();
    } catch (DateTimeException | ArithmeticException _) {
      return Optional.empty();
    }
  }

  /// How long a waiting caller's SDK says it waits, in seconds, such as `600` or `59.5`; the
  /// default when it says nothing usable.
  public static Duration patience(String seconds, Duration unsaid) {
    if (!seconds.matches("[0-9]{1,7}([.][0-9]{0,9})?")) {
      return unsaid;
    }
    Duration said = Duration.ofMillis((long) (Double.parseDouble(seconds) * 1_000));
    if (said.compareTo(SHORTEST) < 0) {
      return SHORTEST;
    }
    return said.compareTo(LONGEST) > 0 ? LONGEST : said;
  }
}
