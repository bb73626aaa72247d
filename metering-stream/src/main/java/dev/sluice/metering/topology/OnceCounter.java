package dev.sluice.metering.topology;

import dev.sluice.contract.avro.CountedEntries;
import dev.sluice.contract.avro.Settlement;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.metering.core.Amount;
import dev.sluice.metering.core.CostLine;
import dev.sluice.metering.core.RowDecision;
import dev.sluice.runtime.telemetry.LogKeys;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Turns a settlement into the cost rows that were not written yet. Nearly every job is new, and
/// known to be so without a look-up. Owned by the task's thread.
final class OnceCounter implements Processor<byte[], Settled, byte[], Object> {
  private static final Logger LOG = LoggerFactory.getLogger(OnceCounter.class);

  private final ForgettingRule forgetting;
  private final PriceVerifier prices;
  private final MeteringMeters meters;

  // Set by init, before any record.
  @SuppressWarnings("NullAway.Init")
  private ProcessorContext<byte[], Object> context;

  @SuppressWarnings("NullAway.Init")
  private CountedStore counted;

  @SuppressWarnings("NullAway.Init")
  private ProgressStore progress;

  OnceCounter(ForgettingRule forgetting, PriceVerifier prices, MeteringMeters meters) {
    this.forgetting = forgetting;
    this.prices = prices;
    this.meters = meters;
  }

  @Override
  public void init(ProcessorContext<byte[], Object> given) {
    context = given;
    counted = new CountedStore(given);
    progress = new ProgressStore(given);
    Forgetter.schedule(given, forgetting, meters);
  }

  @Override
  public void process(Record<byte[], Settled> record) {
    LedgerReading.Usable reading = record.value().reading();
    CountedEntries known = counted.get(reading.job());
    if (known == null && reading.job().createdAt().isBefore(progress.read().forgottenUntil())) {
      new LedgerLetters(context, meters).setAside(record.value().source(), TOO_OLD);
      return;
    }
    switch (RowDecision.decide(reading.call(), CostRecords.counted(known))) {
      case RowDecision.Repeat _ -> meters.repeatDropped();
      case RowDecision.Count(List<CostLine> lines, var after) -> {
        counted.put(reading.job(), CostRecords.entries(after));
        count(record, lines);
      }
      case RowDecision.RefuseSecondCharge(CostLine.Attempt line, var after) -> {
        meters.secondChargeRefused();
        LOG.atError()
            .addKeyValue(LogKeys.JOB_ID, reading.job())
            .log("second charge of a job refused");
        counted.put(reading.job(), CostRecords.entries(after));
        count(record, List.of(line));
      }
    }
  }

  private static final LedgerReading.Unusable TOO_OLD =
      new LedgerReading.Unusable(
          ErrorCode.POISON, "job so old that it may have been counted and forgotten");

  private void count(Record<byte[], Settled> record, List<CostLine> lines) {
    Settlement settlement = record.value().reading().settlement();
    if (record.value().reading().call().called()) {
      prices.verify(settlement);
    }
    byte[] tenant = settlement.getContext().getTenant().getBytes(StandardCharsets.UTF_8);
    for (CostLine line : lines) {
      countMeters(line);
      context.forward(
          record.withKey(tenant).withValue(CostRecords.row(settlement, line)), NodeNames.COSTS);
    }
    context.forward(record.withValue(new Counted(settlement, lines)), NodeNames.TALLY);
    boolean called = lines.stream().anyMatch(CostLine.Attempt.class::isInstance);
    if (called && Comparisons.concern(settlement)) {
      context.forward(record.withValue(new Counted(settlement, lines)), NodeNames.COMPARE);
    }
  }

  private void countMeters(CostLine line) {
    switch (line) {
      case CostLine.Attempt attempt -> meters.attemptCounted(attempt.amount());
      case CostLine.Charge charge -> meters.chargeCounted(charge.amount());
    }
    if (line.amount() instanceof Amount.Unpriced) {
      meters.rowUnpriced();
    }
  }
}
