package dev.sluice.metering.core;

import dev.sluice.contract.model.Spread;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;

/// What the calls to a route came to. Calls may be added in any order.
///
/// @param stopped ended from our side
/// @param firstToken of the streamed calls that succeeded
/// @param total of the calls that succeeded
/// @param tokens of all calls, by kind
/// @param owed sum of the priced calls, USD
/// @param unpriced calls without a price
public record RouteTally(
    long calls,
    long succeeded,
    long stopped,
    Spread firstToken,
    Spread total,
    Map<String, Long> tokens,
    BigDecimal owed,
    long unpriced) {
  public static final RouteTally NOTHING =
      new RouteTally(0, 0, 0, Spread.NOTHING, Spread.NOTHING, Map.of(), BigDecimal.ZERO, 0);

  public RouteTally {
    tokens = Map.copyOf(tokens);
  }

  public RouteTally plus(ComparedCall call) {
    boolean good = call.end() == ComparedCall.End.SUCCEEDED;
    Map<String, Long> sum = new HashMap<>(tokens);
    call.tokens().forEach((kind, count) -> sum.merge(kind, count, Math::addExact));
    BigDecimal usd =
        switch (call.owed()) {
          case Amount.Usd(BigDecimal value) -> value;
          case Amount.Unpriced _ -> BigDecimal.ZERO;
        };
    return new RouteTally(
        calls + 1,
        succeeded + (good ? 1 : 0),
        stopped + (call.end() == ComparedCall.End.STOPPED ? 1 : 0),
        good ? call.firstToken().map(firstToken::plus).orElse(firstToken) : firstToken,
        good ? call.total().map(total::plus).orElse(total) : total,
        sum,
        owed.add(usd),
        unpriced + (call.owed() instanceof Amount.Unpriced ? 1 : 0));
  }
}
