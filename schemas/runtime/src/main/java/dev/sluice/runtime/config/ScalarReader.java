package dev.sluice.runtime.config;

import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Turns the text of one value into what its shape asks for, or says what is wrong with it. Pure.
final class ScalarReader {
  private static final Pattern SHORT_SPAN = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([a-zA-Z]+)");
  private static final Pattern ADDRESS =
      Pattern.compile("\\d+(\\.\\d+){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
  private static final int USD_DIGITS = 6;
  private static final int SHOWN = 48;

  /// The value, or the complaint about it.
  sealed interface Read {
    record Good(Object value) implements Read {}

    record Bad(String complaint) implements Read {}
  }

  private ScalarReader() {}

  static Read read(Shape.Scalar shape, String text) {
    return switch (shape) {
      case Shape.Text(String pattern, String expected) ->
          text.matches(pattern) ? new Read.Good(text) : expected(expected, text);
      case Shape.Flag _ ->
          text.equals("true") || text.equals("false")
              ? new Read.Good(Boolean.valueOf(text))
              : expected("true or false", text);
      case Shape.Whole(long min, long max) -> whole(text, min, max);
      case Shape.Usd _ -> usd(text);
      case Shape.Ratio _ -> ratio(text);
      case Shape.Span(Duration min, Duration max) -> span(text, min, max);
      case Shape.Url _ -> url(text);
      case Shape.Choice choice -> choice(text, choice);
      case Shape.Reference _ -> reference(text);
      case Shape.Moment _ -> moment(text);
      case Shape.Network _ ->
          isNetwork(text)
              ? new Read.Good(text)
              : expected("a network such as 10.0.0.0/8 or fd00::/8", text);
    };
  }

  /// What a value looks like in a message: short, and on one line.
  static String quoted(String text) {
    String shown = text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
    return "\"" + shown.replaceAll("\\p{Cntrl}", "?") + "\"";
  }

  private static Read.Bad expected(String what, String text) {
    return new Read.Bad("expected " + what + ", found " + quoted(text));
  }

  private static Read whole(String text, long min, long max) {
    String range = "a whole number from " + min + " to " + max;
    try {
      long value = Long.parseLong(text.replaceFirst("^\\+", ""));
      return value >= min && value <= max
          ? new Read.Good(value)
          : new Read.Bad("expected " + range + ", found " + value);
    } catch (NumberFormatException e) {
      return expected(range, text);
    }
  }

  private static Read usd(String text) {
    try {
      BigDecimal value = new BigDecimal(text);
      if (value.signum() < 0) {
        return new Read.Bad("an amount of money cannot be negative, found " + text);
      }
      if (value.stripTrailingZeros().scale() > USD_DIGITS || value.precision() > 18) {
        return expected("USD with at most 6 decimal places", text);
      }
      return new Read.Good(value);
    } catch (NumberFormatException e) {
      return expected("a number of USD, such as 0.15", text);
    }
  }

  private static Read ratio(String text) {
    String range = "a number from 0 to 1 with at most 6 decimal places, such as 0.1";
    try {
      BigDecimal value = new BigDecimal(text);
      boolean fits = value.signum() >= 0 && value.compareTo(BigDecimal.ONE) <= 0;
      return fits && value.stripTrailingZeros().scale() <= USD_DIGITS
          ? new Read.Good(value)
          : expected(range, text);
    } catch (NumberFormatException e) {
      return expected(range, text);
    }
  }

  private static Read span(String text, Duration min, Duration max) {
    try {
      Duration value = Duration.parse(text);
      return value.compareTo(min) >= 0 && value.compareTo(max) <= 0
          ? new Read.Good(value)
          : new Read.Bad("expected a duration from " + min + " to " + max + ", found " + text);
    } catch (DateTimeException e) {
      return new Read.Bad(
          likelySpan(text)
                  .map(likely -> "expected an ISO-8601 duration; write " + likely)
                  .orElse("expected an ISO-8601 duration such as PT30S, PT10M or P1D")
              + ", found "
              + quoted(text));
    }
  }

  /// What someone meant who wrote `30s`, `10 min` or a bare number of seconds.
  private static Optional<String> likelySpan(String text) {
    Matcher matcher = SHORT_SPAN.matcher(text);
    if (!matcher.matches()) {
      return text.matches("\\d+") ? Optional.of("PT" + text + "S for seconds") : Optional.empty();
    }
    String number = matcher.group(1);
    return switch (matcher.group(2).toLowerCase(Locale.ROOT)) {
      case "ms", "millis" ->
          Optional.of(Duration.ofNanos(new BigDecimal(number).movePointRight(6).longValue()) + "");
      case "s", "sec", "second", "seconds" -> Optional.of("PT" + number + "S");
      case "m", "min", "minute", "minutes" -> Optional.of("PT" + number + "M");
      case "h", "hour", "hours" -> Optional.of("PT" + number + "H");
      case "d", "day", "days" -> Optional.of("P" + number + "D");
      default -> Optional.empty();
    };
  }

  private static Read url(String text) {
    String wanted = "an http or https URL such as https://host/v1";
    try {
      URI url = new URI(text);
      boolean web = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
      if (!web || url.getHost() == null) {
        return expected(wanted, text.contains("@") ? "(not shown)" : text);
      }
      if (url.getRawUserInfo() != null) {
        return new Read.Bad("a URL must not hold a user or password; remove the part before \"@\"");
      }
      if (url.getRawQuery() != null || url.getRawFragment() != null) {
        return new Read.Bad("a base URL ends before \"?\" and \"#\"; remove them and what follows");
      }
      return new Read.Good(URI.create(text.replaceFirst("/+$", "")));
    } catch (URISyntaxException e) {
      return expected(wanted, text.contains("@") ? "(not shown)" : text);
    }
  }

  private static Read choice(String text, Shape.Choice choice) {
    if (choice.values().contains(text)) {
      return new Read.Good(text);
    }
    String refused = choice.refused().get(text);
    return new Read.Bad(
        refused != null
            ? refused
            : "unknown value "
                + quoted(text)
                + "; "
                + NearMiss.hint(text, choice.values(), "values"));
  }

  /// Never shows the text: it may be the secret itself.
  private static Read reference(String text) {
    if (SecretSource.isReference(text)) {
      return text.startsWith("${sluice:")
          ? new Read.Bad(
              "${sluice:…} is for `sluice up` without a file; write ${env:NAME} or ${file:path}")
          : new Read.Good(text);
    }
    return new Read.Bad(
        text.contains("$")
            ? "not a reference to a secret; write \"${env:NAME}\" or \"${file:/path}\", nothing"
                + " before or after it"
            : "a secret must not stand in the file; put it into an environment variable and write"
                + " \"${env:NAME}\", or into a file and write \"${file:/path}\"");
  }

  private static Read moment(String text) {
    try {
      return new Read.Good(
          text.contains("T")
              ? Instant.parse(text)
              : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant());
    } catch (DateTimeException e) {
      return expected("a date such as 2026-01-31 or an instant such as 2026-01-31T12:00:00Z", text);
    }
  }

  private static boolean isNetwork(String text) {
    String[] parts = text.split("/", -1);
    if (parts.length != 2
        || !ADDRESS.matcher(parts[0]).matches()
        || !parts[1].matches("\\d{1,3}")) {
      return false;
    }
    try {
      int bits = InetAddress.ofLiteral(parts[0]).getAddress().length * 8;
      return Integer.parseInt(parts[1]) <= bits;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
