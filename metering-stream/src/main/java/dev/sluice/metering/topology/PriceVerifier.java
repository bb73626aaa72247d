package dev.sluice.metering.topology;

import dev.sluice.contract.avro.AttemptContext;
import dev.sluice.contract.avro.GpuUse;
import dev.sluice.contract.avro.Settlement;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.price.GpuRate;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.contract.price.Rating;
import dev.sluice.metering.core.PriceCheck;
import dev.sluice.metering.core.PriceCheck.PricedCall;
import dev.sluice.runtime.telemetry.LogKeys;
import java.math.BigDecimal;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Recomputes what the router priced, and raises the alarm when the two differ. Owned by the task's
/// thread.
final class PriceVerifier {
  private static final Logger LOG = LoggerFactory.getLogger(PriceVerifier.class);

  private final Supplier<Policy> policies;
  private final MeteringMeters meters;
  private Policy policy = Policy.EMPTY;
  private PriceBook book = PriceBook.of(Policy.EMPTY);

  PriceVerifier(Supplier<Policy> policies, MeteringMeters meters) {
    this.policies = policies;
    this.meters = meters;
  }

  void verify(Settlement settlement) {
    Policy inForce = policies.get();
    if (inForce.version() != policy.version()) {
      policy = inForce;
      book = PriceBook.of(inForce);
    }
    GpuUse gpu = settlement.getGpu();
    BigDecimal owed = settlement.getOwed();
    BigDecimal usdPerHour = gpu == null ? null : gpu.getUsdPerHour();
    if (gpu == null || usdPerHour == null || owed == null) {
      judge(settlement, PriceCheck.of(book, policy.version(), call(settlement, owed)));
      return;
    }
    judge(settlement, PriceCheck.ofTime(owed, gpu.getMicros(), usdPerHour));
    String version = settlement.getPriceVersion();
    if (settlement.getDelivered() && (version == null || !GpuRate.isVersion(version))) {
      PricedCall answer = call(settlement, settlement.getCharged());
      judge(settlement, PriceCheck.of(book, policy.version(), answer));
    }
  }

  private void judge(Settlement settlement, PriceCheck check) {
    switch (check) {
      case PriceCheck.Agrees _ -> meters.priceAgrees();
      case PriceCheck.Unverifiable _ -> meters.priceUnverifiable();
      case PriceCheck.Differs(Rating stamped, Rating computed) -> {
        meters.priceDiffers();
        LOG.atError()
            .addKeyValue(LogKeys.JOB_ID, settlement.getJobId())
            .addKeyValue(LogKeys.ATTEMPT, settlement.getAttempt())
            .addKeyValue("stamped", stamped)
            .addKeyValue("computed", computed)
            .log("price differs from the router's");
      }
    }
  }

  private static PricedCall call(Settlement settlement, @Nullable BigDecimal usd) {
    AttemptContext context = settlement.getContext();
    String version = settlement.getPriceVersion();
    Rating stamped =
        usd == null || version == null || settlement.getUnpriced()
            ? new Rating.Unpriced("unpriced in the ledger")
            : new Rating.Priced(usd, version);
    return new PricedCall(
        stamped,
        context.getPool(),
        context.getProviderModel(),
        settlement.getAt(),
        settlement.getUsage().getTokens(),
        context.getPolicyVersion());
  }
}
