package dev.sluice.contract.model;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// One bound on what a tenant, or a part of it, may use.
///
/// @param part whose use is counted
/// @param unit what is counted
/// @param window over which it is counted
/// @param amount the most that may be used, from 1, in steps of the unit: of USD 10^-12, of
///   GPU-seconds 10^-6; 0 only as the part of a writer that has none of the tenant's shards
/// @param onExceeded what becomes of a job that does not fit
/// @param downgradeTo the model that such a job runs on instead; there exactly with DOWNGRADE
/// @param alerts parts of a budget that are told of when they are used, above 0 and at most 1,
///   ascending
public record Limit(
    Part part,
    Unit unit,
    Window window,
    long amount,
    OnExceeded onExceeded,
    Optional<String> downgradeTo,
    List<BigDecimal> alerts) {

  private static final BigDecimal MAX_USD = BigDecimal.valueOf(Long.MAX_VALUE, 12);

  public Limit {
    alerts = alerts.stream().map(BigDecimal::stripTrailingZeros).sorted().distinct().toList();
  }

  /// A limit of which nothing is told before it is reached.
  public Limit(
      Part part,
      Unit unit,
      Window window,
      long amount,
      OnExceeded onExceeded,
      Optional<String> downgradeTo) {
    this(part, unit, window, amount, onExceeded, downgradeTo, List.of());
  }

  /// The same limit with another amount.
  public Limit withAmount(long other) {
    return new Limit(part, unit, window, other, onExceeded, downgradeTo, alerts);
  }

  /// Decimal places of money in a limit: a sum of exact prices stays exact.
  public static final int USD_SCALE = 12;

  /// The name by which use is remembered, whatever the amount: the same limit with another amount
  /// goes on where it was.
  public String key() {
    return keyOf(part.key());
  }

  /// The same of one part among several that the limit holds for, each for itself.
  public String keyOf(String whose) {
    return (whose.isEmpty() ? "" : whose + "|") + unit.key() + "/" + window.key();
  }

  /// Whether so much is at least a part of the whole.
  public boolean reaches(BigDecimal fraction, long used) {
    return amount > 0
        && BigDecimal.valueOf(used).compareTo(fraction.multiply(BigDecimal.valueOf(amount))) >= 0;
  }

  /// Pico-USD of an exact price.
  ///
  /// @throws ArithmeticException beyond 9.2 million USD
  public static long picoUsd(BigDecimal usd) {
    return Unit.USD.amount(usd);
  }

  /// The same; the most that can be counted for a price beyond that.
  public static long countedPicoUsd(BigDecimal usd) {
    return usd.compareTo(MAX_USD) > 0 ? Long.MAX_VALUE : picoUsd(usd);
  }

  /// The amount as people write it: in the unit, with all its decimal places.
  public String amountText(long of) {
    return unit.scale() == 0
        ? Long.toString(of)
        : BigDecimal.valueOf(of, unit.scale()).stripTrailingZeros().toPlainString();
  }

  /// Whose use is counted.
  public sealed interface Part {
    /// Names it; empty for the tenant as a whole.
    String key();

    /// Whether each value of a tag has the limit for itself.
    default boolean byValue() {
      return false;
    }

    /// The whole tenant.
    record Whole() implements Part {
      @Override
      public String key() {
        return "";
      }
    }

    /// @param keys API keys that belong to the team
    record Team(String id, Set<String> keys) implements Part {
      public Team {
        keys = Set.copyOf(keys);
      }

      @Override
      public String key() {
        return "team:" + id;
      }
    }

    /// One API key.
    record Key(String id) implements Part {
      @Override
      public String key() {
        return "key:" + id;
      }
    }

    /// Jobs with a tag.
    ///
    /// @param value empty when each value has the limit for itself
    record Tag(String name, Optional<String> value) implements Part {
      @Override
      public String key() {
        return "tag:" + name + value.map(v -> "=" + v).orElse("");
      }

      @Override
      public boolean byValue() {
        return value.isEmpty();
      }
    }
  }

  /// What is counted.
  public enum Unit {
    REQUESTS,
    TOKENS,
    INPUT_TOKENS,
    OUTPUT_TOKENS,
    /// Jobs that are released or running.
    IN_FLIGHT,
    /// What answers are charged, counted in pico-USD.
    USD,
    /// GPU time of the calls that answered, counted in GPU-microseconds.
    GPU_SECONDS;

    /// Decimal places of an amount.
    public int scale() {
      return switch (this) {
        case REQUESTS, TOKENS, INPUT_TOKENS, OUTPUT_TOKENS, IN_FLIGHT -> 0;
        case USD -> USD_SCALE;
        case GPU_SECONDS -> 6;
      };
    }

    /// An amount in steps of the unit, rounded up.
    ///
    /// @throws ArithmeticException beyond 64 bits
    public long amount(BigDecimal of) {
      return of.movePointRight(scale()).setScale(0, RoundingMode.CEILING).longValueExact();
    }

    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }

    /// Whether a longer answer uses more of it.
    public boolean countsOutput() {
      return this == TOKENS || this == OUTPUT_TOKENS || this == USD;
    }
  }

  /// Over which time use is counted.
  public sealed interface Window {
    String key();

    /// What is there at this moment.
    record Now() implements Window {
      @Override
      public String key() {
        return "now";
      }
    }

    /// The last so much time, at every moment.
    record Rolling(Duration length) implements Window {
      @Override
      public String key() {
        return length.toString();
      }
    }

    /// The period of the calendar that the moment is in.
    record Calendar(Period period, ZoneId zone) implements Window {
      @Override
      public String key() {
        return period.key() + "@" + zone.getId();
      }
    }
  }

  /// Periods of the calendar. Weeks begin on Monday.
  public enum Period {
    HOUR,
    DAY,
    WEEK,
    MONTH,
    YEAR,
    /// Never begins anew.
    FOREVER;

    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// What becomes of a job that does not fit.
  public enum OnExceeded {
    /// It waits until it fits.
    HOLD,
    /// It is refused, before it is a job.
    REJECT,
    /// It runs on another model.
    DOWNGRADE
  }
}
