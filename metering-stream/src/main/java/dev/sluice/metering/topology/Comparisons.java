package dev.sluice.metering.topology;

import dev.sluice.contract.avro.AttemptContext;
import dev.sluice.contract.avro.ComparedRoute;
import dev.sluice.contract.avro.LatencySpread;
import dev.sluice.contract.avro.Settlement;
import dev.sluice.contract.model.Spread;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.metering.core.Amount;
import dev.sluice.metering.core.ComparedCall;
import dev.sluice.metering.core.RouteKey;
import dev.sluice.metering.core.RouteTally;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Between what is compared and its records.
final class Comparisons {
  private Comparisons() {}

  /// Whether a call is compared: its job has shadow copies, or is one.
  static boolean concern(Settlement settlement) {
    AttemptContext context = settlement.getContext();
    return context.getShadowed() || context.getShadowOf() != null;
  }

  static ComparedCall call(Settlement settlement) {
    BigDecimal owed = settlement.getOwed();
    return new ComparedCall(
        switch (settlement.getCause()) {
          case NONE -> ComparedCall.End.SUCCEEDED;
          case CANCELLED, EXPIRED -> ComparedCall.End.STOPPED;
          case THROTTLED,
              DOWN,
              TIMEOUT,
              TOO_LONG,
              REFUSED,
              INVALID_KEY,
              BAD_ANSWER,
              WORKER_LOST,
              INTERNAL ->
              ComparedCall.End.FAILED;
        },
        since(settlement, settlement.getFirstTokenAt()),
        since(settlement, settlement.getAt()),
        settlement.getUsage().getTokens(),
        owed == null || settlement.getUnpriced() ? Amount.UNPRICED : new Amount.Usd(owed));
  }

  private static Optional<Duration> since(Settlement settlement, @Nullable Instant end) {
    Instant start = settlement.getStartedAt();
    return start == null || end == null || end.isBefore(start)
        ? Optional.empty()
        : Optional.of(Duration.between(start, end));
  }

  static RouteTally tally(@Nullable ComparedRoute route) {
    return route == null
        ? RouteTally.NOTHING
        : new RouteTally(
            route.getCalls(),
            route.getSucceeded(),
            route.getStopped(),
            spread(route.getFirstToken()),
            spread(route.getTotal()),
            route.getTokens(),
            route.getOwed(),
            route.getUnpriced());
  }

  static ComparedRoute route(RouteKey key, RouteTally tally) {
    ComparedRoute route = new ComparedRoute();
    route.setHour(key.hour());
    route.setModel(key.model());
    route.setShadow(key.shadow());
    route.setPool(key.pool());
    route.setProviderModel(key.providerModel());
    route.setCalls(tally.calls());
    route.setSucceeded(tally.succeeded());
    route.setStopped(tally.stopped());
    route.setFirstToken(spread(tally.firstToken()));
    route.setTotal(spread(tally.total()));
    route.setTokens(tally.tokens());
    route.setOwed(tally.owed().setScale(PriceBook.SCALE));
    route.setUnpriced(tally.unpriced());
    return route;
  }

  private static Spread spread(LatencySpread record) {
    Map<Integer, Long> steps = new HashMap<>();
    record.getSteps().forEach((step, count) -> steps.put(Integer.valueOf(step), count));
    return new Spread(record.getCount(), record.getSumMs(), steps);
  }

  private static LatencySpread spread(Spread spread) {
    Map<String, Long> steps = new HashMap<>();
    spread.steps().forEach((step, count) -> steps.put(Integer.toString(step), count));
    return new LatencySpread(spread.count(), spread.sumMillis(), steps);
  }
}
