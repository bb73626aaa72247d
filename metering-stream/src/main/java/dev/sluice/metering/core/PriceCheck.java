package dev.sluice.metering.core;

import dev.sluice.contract.price.GpuRate;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.contract.price.Rating;
import dev.sluice.contract.price.Rating.Priced;
import dev.sluice.contract.price.Rating.Unpriced;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;

/// Whether metering comes to the price that the router stamped. It never changes a row: the caller
/// has been told the router's amount and the budget was settled with it, so that amount stands, and
/// a difference is an alarm to be mended by an adjustment row (ADR 0006).
public sealed interface PriceCheck {

  record Agrees() implements PriceCheck {}

  /// @param stamped what the ledger says
  /// @param computed what the price of that version gives
  record Differs(Rating stamped, Rating computed) implements PriceCheck {}

  /// This process does not hold the price (yet, or any more).
  record Unverifiable() implements PriceCheck {}

  /// @param bookVersion policy version of the book
  /// @param call what was priced, and as what
  static PriceCheck of(PriceBook book, long bookVersion, PricedCall call) {
    return switch (call.stamped()) {
      case Priced(BigDecimal usd, String version) -> {
        Optional<Rating> computed =
            book.rateAs(version, call.pool(), call.providerModel(), call.tokens());
        yield computed.isEmpty()
            ? new Unverifiable()
            : compare(call.stamped(), usd, computed.get());
      }
      case Unpriced _ when bookVersion != call.policyVersion() -> new Unverifiable();
      case Unpriced _ ->
          switch (book.rate(call.pool(), call.providerModel(), call.at(), call.tokens())) {
            case Unpriced _ -> new Agrees();
            case Priced computed -> new Differs(call.stamped(), computed);
          };
    };
  }

  /// The same of GPU time: the record says by which price, so no book is asked.
  ///
  /// @param owed what the ledger says
  static PriceCheck ofTime(BigDecimal owed, long gpuMicros, BigDecimal usdPerHour) {
    String version = GpuRate.version(usdPerHour);
    return compare(
        new Priced(owed, version), owed, new Priced(GpuRate.usd(gpuMicros, usdPerHour), version));
  }

  private static PriceCheck compare(Rating stamped, BigDecimal usd, Rating computed) {
    return computed instanceof Priced(BigDecimal again, _) && again.compareTo(usd) == 0
        ? new Agrees()
        : new Differs(stamped, computed);
  }

  /// @param stamped what the ledger says it costs
  /// @param policyVersion policy the router held when it chose the route
  record PricedCall(
      Rating stamped,
      String pool,
      String providerModel,
      java.time.Instant at,
      Map<String, Long> tokens,
      long policyVersion) {
    public PricedCall {
      tokens = Map.copyOf(tokens);
    }
  }
}
