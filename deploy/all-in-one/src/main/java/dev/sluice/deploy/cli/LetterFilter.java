package dev.sluice.deploy.cli;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which dead letters are meant.
final class LetterFilter {
  @Option(
      names = {"--topic"},
      paramLabel = "TOPIC",
      description = "Only records of this topic.")
  private @Nullable String topic;

  @Option(
      names = {"--code"},
      paramLabel = "CODE",
      description = "Only this reason, such as decode_error.")
  private @Nullable String code;

  @Option(
      names = {"--since"},
      paramLabel = "TIME",
      description = "Only those set aside since an instant, a date, or a time ago such as PT2H.")
  private @Nullable String since;

  boolean narrows() {
    return topic != null || code != null || since != null;
  }

  /// @throws CommandFailure when the time is none
  Optional<Instant> since(Instant now) {
    return since == null ? Optional.empty() : Optional.of(moment(since, now));
  }

  boolean takes(Letter letter, Optional<Instant> from) {
    return (topic == null || topic.equals(letter.topic()))
        && (code == null || code.equals(letter.code()))
        && (from.isEmpty() || !letter.at().isBefore(from.get()));
  }

  static Instant moment(String text, Instant now) {
    try {
      if (text.startsWith("P")) {
        return now.minus(Duration.parse(text));
      }
      return text.contains("T")
          ? Instant.parse(text)
          : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
    } catch (DateTimeException | ArithmeticException e) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--since "
              + text
              + ": give an instant (2026-01-31T12:00:00Z), a date, or a duration (PT2H)");
    }
  }
}
