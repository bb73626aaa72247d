package dev.sluice.router.core.limits;

import dev.sluice.contract.model.Limit.Window;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What was used when: amounts in buckets of time, of which those in the window count. A rolling
/// window has 600 of them, each counted until its last moment has left the window; a calendar
/// window has one a period. Not safe for several threads.
final class Uses {
  private static final int BUCKETS = 600;
  private static final Instant NEVER = Instant.MAX;

  private final Window window;

  /// By the bucket's first millisecond.
  private final TreeMap<Long, Long> buckets = new TreeMap<>();

  /// What lies in buckets that count.
  private long sum;

  /// First bucket that counts.
  private long from = Long.MIN_VALUE;

  Uses(Window window) {
    this.window = window;
  }

  /// First millisecond of the bucket of an instant.
  long bucket(Instant at) {
    return switch (window) {
      case Window.Now _ -> 0;
      case Window.Rolling rolling -> bucket(rolling, at);
      case Window.Calendar calendar -> start(calendar, at).toEpochMilli();
    };
  }

  private static long bucket(Window.Rolling rolling, Instant at) {
    return Math.floorDiv(at.toEpochMilli(), width(rolling)) * width(rolling);
  }

  /// Adds to a bucket, or takes from it; what has left the window is no longer looked at.
  void add(long bucket, long amount) {
    if (bucket < from || amount == 0) {
      return;
    }
    buckets.merge(bucket, amount, (before, more) -> before + more == 0 ? null : before + more);
    sum += amount;
  }

  /// What counts now.
  long sum(Instant now) {
    expire(now);
    return window instanceof Window.Calendar calendar
        ? buckets.getOrDefault(start(calendar, now).toEpochMilli(), 0L)
        : sum;
  }

  private void expire(Instant now) {
    from = Math.max(from, firstCounted(now));
    while (!buckets.isEmpty() && buckets.firstKey() < from) {
      sum -= buckets.pollFirstEntry().getValue();
    }
  }

  private long firstCounted(Instant now) {
    return firstCounted(window, now);
  }

  /// First millisecond of the first bucket of a window that counts at a moment.
  static long firstCounted(Window window, Instant now) {
    return switch (window) {
      case Window.Now _ -> 0;
      case Window.Rolling rolling -> bucket(rolling, now.minus(rolling.length()));
      // The period before is kept: an answer may be charged to it a little late.
      case Window.Calendar calendar ->
          start(calendar, now).equals(Instant.EPOCH)
              ? 0
              : start(calendar, start(calendar, now).minusMillis(1)).toEpochMilli();
    };
  }

  /// When so much of what counts now will have left the window, if nothing is added; empty when it
  /// never will.
  Optional<Instant> leaves(long amount, Instant now) {
    if (amount <= 0) {
      return Optional.of(now);
    }
    if (amount > sum(now)) {
      return Optional.empty();
    }
    return switch (window) {
      case Window.Now _ -> Optional.empty();
      case Window.Calendar calendar ->
          Optional.of(end(calendar, now)).filter(end -> !end.equals(NEVER));
      case Window.Rolling rolling -> leaves(rolling, amount);
    };
  }

  private Optional<Instant> leaves(Window.Rolling rolling, long amount) {
    long left = amount;
    for (Map.Entry<Long, Long> bucket : buckets.entrySet()) {
      left -= bucket.getValue();
      if (left <= 0) {
        return Optional.of(
            Instant.ofEpochMilli(bucket.getKey() + width(rolling)).plus(rolling.length()));
      }
    }
    return Optional.empty();
  }

  /// When nothing of what counts now counts any more; empty when that is now, or never.
  Optional<Instant> resets(Instant now) {
    if (sum(now) == 0) {
      return Optional.empty();
    }
    return switch (window) {
      case Window.Now _ -> Optional.empty();
      case Window.Calendar calendar ->
          Optional.of(end(calendar, now)).filter(end -> !end.equals(NEVER));
      case Window.Rolling rolling ->
          Optional.of(
              Instant.ofEpochMilli(buckets.lastKey() + width(rolling)).plus(rolling.length()));
    };
  }

  /// Whether nothing is kept.
  boolean isEmpty(Instant now) {
    expire(now);
    return buckets.isEmpty();
  }

  /// All buckets that are kept.
  Map<Long, Long> kept(Instant now) {
    expire(now);
    return Map.copyOf(buckets);
  }

  /// When a period of the calendar that begins at an instant ends; empty where it does not.
  static Optional<Instant> endOf(Window window, Instant start) {
    return window instanceof Window.Calendar calendar
        ? Optional.of(end(calendar, start)).filter(end -> !end.equals(NEVER))
        : Optional.empty();
  }

  private static long width(Window.Rolling rolling) {
    return Math.max(1, rolling.length().toMillis() / BUCKETS);
  }

  static Instant start(Window.Calendar calendar, Instant at) {
    ZonedDateTime local = at.atZone(calendar.zone());
    ZonedDateTime day = local.truncatedTo(ChronoUnit.DAYS);
    return switch (calendar.period()) {
      case HOUR -> at.minus(sinceHour(local));
      case DAY -> day.toInstant();
      case WEEK -> day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY)).toInstant();
      case MONTH -> day.withDayOfMonth(1).toInstant();
      case YEAR -> day.withDayOfYear(1).toInstant();
      case FOREVER -> Instant.EPOCH;
    };
  }

  /// In instants, so that the hour that a change of clocks repeats is two hours.
  private static Duration sinceHour(ZonedDateTime local) {
    return Duration.ofMinutes(local.getMinute())
        .plusSeconds(local.getSecond())
        .plusNanos(local.getNano());
  }

  private static Instant end(Window.Calendar calendar, Instant now) {
    Instant start = start(calendar, now);
    ZonedDateTime local = start.atZone(calendar.zone());
    return switch (calendar.period()) {
      case HOUR -> start.plus(Duration.ofHours(1));
      case DAY -> local.plusDays(1).toInstant();
      case WEEK -> local.plusWeeks(1).toInstant();
      case MONTH -> local.plusMonths(1).toInstant();
      case YEAR -> local.plusYears(1).toInstant();
      case FOREVER -> NEVER;
    };
  }
}
