package dev.sluice.worker.core;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a provider's headers say of its rate limits, in OpenAI's words or in Anthropic's.
///
/// @param requests of calls
/// @param tokens of tokens, one for each kind that is limited
public record RateLimits(Optional<Window> requests, List<Window> tokens) {

  /// One limit.
  ///
  /// @param limit units a full allowance has
  /// @param remaining units left
  /// @param reset until the allowance is full again
  public record Window(double limit, double remaining, Duration reset) {}

  private static final Duration MAX_RESET = Duration.ofDays(1);

  /// A number above it is a time of the clock, not a length.
  private static final double EPOCH_SECONDS = 1e9;

  private static final Pattern PART = Pattern.compile("(\\d+(?:\\.\\d+)?)(ms|s|m|h|d)");
  private static final Pattern PARTS = Pattern.compile("(?:" + PART.pattern() + ")+");
  private static final Pattern NUMBER = Pattern.compile("\\d{1,18}(?:\\.\\d{1,9})?");

  public RateLimits {
    tokens = List.copyOf(tokens);
  }

  /// Reads them; empty when the provider tells nothing that can be used.
  ///
  /// @param header value of a header by its name in lower case
  /// @param now for a reset that is a time of the clock
  public static Optional<RateLimits> read(Function<String, Optional<String>> header, Instant now) {
    Optional<Window> requests =
        openAi("requests", header, now).or(() -> anthropic("requests", header, now));
    List<Window> tokens =
        List.of(
                openAi("tokens", header, now),
                anthropic("tokens", header, now),
                anthropic("input-tokens", header, now),
                anthropic("output-tokens", header, now))
            .stream()
            .flatMap(Optional::stream)
            .toList();
    return requests.isEmpty() && tokens.isEmpty()
        ? Optional.empty()
        : Optional.of(new RateLimits(requests, tokens));
  }

  private static Optional<Window> openAi(
      String kind, Function<String, Optional<String>> header, Instant now) {
    return window(
        header.apply("x-ratelimit-limit-" + kind),
        header.apply("x-ratelimit-remaining-" + kind),
        header.apply("x-ratelimit-reset-" + kind),
        now);
  }

  private static Optional<Window> anthropic(
      String kind, Function<String, Optional<String>> header, Instant now) {
    String prefix = "anthropic-ratelimit-" + kind;
    return window(
        header.apply(prefix + "-limit"),
        header.apply(prefix + "-remaining"),
        header.apply(prefix + "-reset"),
        now);
  }

  private static Optional<Window> window(
      Optional<String> limit, Optional<String> remaining, Optional<String> reset, Instant now) {
    Optional<Double> whole = limit.flatMap(RateLimits::number).filter(value -> value > 0);
    Optional<Double> left = remaining.flatMap(RateLimits::number);
    Optional<Duration> until = reset.flatMap(text -> duration(text, now));
    if (whole.isEmpty() || left.isEmpty() || until.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new Window(whole.get(), Math.min(left.get(), whole.get()), until.get()));
  }

  private static Optional<Double> number(String text) {
    String value = text.trim();
    return NUMBER.matcher(value).matches()
        ? Optional.of(Double.parseDouble(value))
        : Optional.empty();
  }

  /// `6m0s`, `20ms`, seconds, seconds of the epoch, or an instant.
  static Optional<Duration> duration(String text, Instant now) {
    String value = text.trim().toLowerCase(Locale.ROOT);
    if (value.isEmpty() || value.length() > 40) {
      return Optional.empty();
    }
    Optional<Double> number = number(value);
    if (number.isPresent()) {
      double seconds = number.get();
      return Optional.of(
          bounded(seconds > EPOCH_SECONDS ? seconds - now.toEpochMilli() / 1e3 : seconds));
    }
    if (PARTS.matcher(value).matches()) {
      double seconds = 0;
      Matcher part = PART.matcher(value);
      while (part.find()) {
        seconds += Double.parseDouble(part.group(1)) * secondsOf(part.group(2));
      }
      return Optional.of(bounded(seconds));
    }
    try {
      Instant at = Instant.parse(text.trim());
      return Optional.of(bounded(Duration.between(now, at).toMillis() / 1e3));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static double secondsOf(String unit) {
    return switch (unit) {
      case "ms" -> 0.001;
      case "m" -> 60;
      case "h" -> 3_600;
      case "d" -> 86_400;
      default -> 1;
    };
  }

  private static Duration bounded(double seconds) {
    double capped = Math.clamp(seconds, 0, (double) MAX_RESET.toSeconds());
    return Duration.ofNanos((long) (capped * 1e9));
  }
}
