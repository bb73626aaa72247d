package dev.sluice.ingress.kafka;

import dev.sluice.contract.avro.QuotaReading;
import dev.sluice.contract.avro.QuotaState;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a tenant in shards has used: the sum of what its writers tell. Pure.
final class QuotaSum {

  private QuotaSum() {}

  /// @param told by each of the tenant's writers, what it told last
  static Optional<QuotaState> of(Collection<QuotaState> told, Instant now) {
    if (told.stream().noneMatch(part -> told.size() > 1 || isOver(part, now))) {
      return told.stream().findFirst();
    }
    Map<String, QuotaReading> sums = new LinkedHashMap<>();
    QuotaState latest = null;
    for (QuotaState part : told) {
      if (latest == null || part.getAt().isAfter(latest.getAt())) {
        latest = part;
      }
      part.getLimits()
          .forEach(reading -> sums.merge(reading.getLimit(), current(reading, now), QuotaSum::sum));
    }
    return Optional.ofNullable(latest)
        .map(
            last -> QuotaState.newBuilder(last).setLimits(sums.values().stream().toList()).build());
  }

  private static boolean isOver(QuotaState told, Instant now) {
    return told.getLimits().stream().anyMatch(reading -> isOver(reading, now));
  }

  private static boolean isOver(QuotaReading told, Instant now) {
    Instant resets = told.getResetsAt();
    return resets != null && !resets.isAfter(now);
  }

  /// A writer without jobs says nothing when a window or a period ends.
  private static QuotaReading current(QuotaReading told, Instant now) {
    return !isOver(told, now)
        ? told
        : new QuotaReading(
            told.getLimit(), 0L, told.getReserved(), told.getLeft() + told.getUsed(), null);
  }

  private static QuotaReading sum(QuotaReading one, QuotaReading other) {
    return new QuotaReading(
        one.getLimit(),
        one.getUsed() + other.getUsed(),
        one.getReserved() + other.getReserved(),
        one.getLeft() + other.getLeft(),
        later(one.getResetsAt(), other.getResetsAt()));
  }

  private static @Nullable Instant later(@Nullable Instant one, @Nullable Instant other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return one.isAfter(other) ? one : other;
  }
}
