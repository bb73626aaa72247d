package dev.sluice.metering.topology;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.metering.core.Amount;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.math.BigDecimal;

/// What metering counts about itself. An aborted transaction is counted again when it is repeated:
/// these are signs of life, the money is in the topics. Safe for use by many threads.
public final class MeteringMeters {
  private final MeterRegistry meters;
  private final Counter attempts;
  private final Counter charges;
  private final Counter owedUsd;
  private final Counter chargedUsd;
  private final Counter unpriced;
  private final Counter repeats;
  private final Counter secondCharges;
  private final Counter agreeing;
  private final Counter differing;
  private final Counter unverifiable;
  private final Counter forgotten;

  public MeteringMeters(MeterRegistry meters) {
    this.meters = meters;
    this.attempts = rows("attempt");
    this.charges = rows("charge");
    this.owedUsd = meters.counter("sluice.metering.owed.usd");
    this.chargedUsd = meters.counter("sluice.metering.charged.usd");
    this.unpriced = meters.counter("sluice.metering.unpriced.rows");
    this.repeats = meters.counter("sluice.metering.repeats");
    this.secondCharges = meters.counter("sluice.metering.second.charges.refused");
    this.agreeing = checks("agrees");
    this.differing = checks("differs");
    this.unverifiable = checks("unverifiable");
    this.forgotten = meters.counter("sluice.metering.forgotten.jobs");
  }

  private Counter rows(String kind) {
    return meters.counter("sluice.metering.rows", "kind", kind);
  }

  private Counter checks(String outcome) {
    return meters.counter("sluice.metering.price.checks", "outcome", outcome);
  }

  void attemptCounted(Amount owed) {
    attempts.increment();
    add(owedUsd, owed);
  }

  void chargeCounted(Amount charged) {
    charges.increment();
    add(chargedUsd, charged);
  }

  private static void add(Counter counter, Amount amount) {
    if (amount instanceof Amount.Usd(BigDecimal value)) {
      counter.increment(value.doubleValue());
    }
  }

  void rowUnpriced() {
    unpriced.increment();
  }

  void repeatDropped() {
    repeats.increment();
  }

  void secondChargeRefused() {
    secondCharges.increment();
  }

  void priceAgrees() {
    agreeing.increment();
  }

  void priceDiffers() {
    differing.increment();
  }

  void priceUnverifiable() {
    unverifiable.increment();
  }

  void jobsForgotten(int count) {
    forgotten.increment(count);
  }

  void setAside(ErrorCode code) {
    meters.counter("sluice.metering.dead.letters", "code", code.code()).increment();
  }

  /// A stream thread died and another took its place.
  public void threadReplaced() {
    meters.counter("sluice.metering.threads.replaced").increment();
  }
}
