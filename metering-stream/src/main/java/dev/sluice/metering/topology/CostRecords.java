package dev.sluice.metering.topology;

import dev.sluice.contract.avro.AttemptContext;
import dev.sluice.contract.avro.CostBucket;
import dev.sluice.contract.avro.CostKind;
import dev.sluice.contract.avro.CostRow;
import dev.sluice.contract.avro.CountedEntries;
import dev.sluice.contract.avro.GpuUse;
import dev.sluice.contract.avro.Settlement;
import dev.sluice.contract.price.GpuRate;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.metering.core.Amount;
import dev.sluice.metering.core.BucketKey;
import dev.sluice.metering.core.CostLine;
import dev.sluice.metering.core.CountedJob;
import dev.sluice.metering.core.UsageTally;
import java.math.BigDecimal;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Between the decisions' records and those of the topics.
final class CostRecords {
  private static final BigDecimal ZERO = BigDecimal.ZERO.setScale(PriceBook.SCALE);

  private CostRecords() {}

  static CostRow row(Settlement settlement, CostLine line) {
    AttemptContext context = settlement.getContext();
    CostRow row = new CostRow();
    row.setEntryId(line.entryId());
    row.setJobId(settlement.getJobId());
    row.setAttempt(settlement.getAttempt());
    row.setTenant(context.getTenant());
    row.setModel(context.getModel());
    row.setPool(context.getPool());
    row.setProviderModel(context.getProviderModel());
    row.setKeyId(context.getKeyId());
    row.setTags(context.getTags());
    row.setTokens(settlement.getUsage().getTokens());
    row.setUsageSource(settlement.getUsage().getSource());
    row.setPriceVersion(settlement.getPriceVersion());
    row.setAt(settlement.getAt());
    row.setShadowOf(context.getShadowOf());
    row.setUnpriced(line.amount() instanceof Amount.Unpriced);
    switch (line) {
      case CostLine.Attempt(_, Amount amount, _) -> {
        row.setKind(CostKind.attempt);
        GpuUse gpu = settlement.getGpu();
        if (gpu != null) {
          row.setGpuSeconds(GpuRate.seconds(gpu.getMicros()));
          row.setPriceVersion(owedVersion(settlement, gpu));
        }
        row.setOwed(usd(amount));
        row.setCharged(zeroBeside(amount));
      }
      case CostLine.Charge(_, Amount amount, _) -> {
        row.setKind(CostKind.charge);
        row.setCharged(usd(amount));
        row.setOwed(zeroBeside(amount));
      }
    }
    return row;
  }

  /// What is owed may be by another price than what is charged.
  private static @Nullable String owedVersion(Settlement settlement, GpuUse gpu) {
    BigDecimal usd = gpu.getUsdPerHour();
    return usd == null ? settlement.getPriceVersion() : GpuRate.version(usd);
  }

  private static @Nullable BigDecimal usd(Amount amount) {
    return switch (amount) {
      case Amount.Usd(BigDecimal value) -> value;
      case Amount.Unpriced _ -> null;
    };
  }

  /// The other amount of a row: 0, and also unknown where the row is unpriced.
  private static @Nullable BigDecimal zeroBeside(Amount amount) {
    return switch (amount) {
      case Amount.Usd _ -> ZERO;
      case Amount.Unpriced _ -> null;
    };
  }

  static UsageTally tally(@Nullable CostBucket bucket) {
    return bucket == null
        ? UsageTally.EMPTY
        : new UsageTally(
            bucket.getTokens(),
            bucket.getCharged(),
            bucket.getOwed(),
            bucket.getJobs(),
            bucket.getAttempts(),
            bucket.getUnpriced(),
            micros(bucket.getGpuSeconds()));
  }

  private static long micros(@Nullable BigDecimal gpuSeconds) {
    return gpuSeconds == null ? 0 : gpuSeconds.movePointRight(6).longValueExact();
  }

  static CostBucket bucket(BucketKey key, UsageTally tally) {
    CostBucket bucket = new CostBucket();
    bucket.setPeriodStart(key.start());
    bucket.setTenant(key.tenant());
    bucket.setModel(key.model());
    bucket.setKeyId(key.keyId());
    bucket.setTags(key.tags());
    bucket.setTokens(tally.tokens());
    bucket.setCharged(tally.charged().setScale(PriceBook.SCALE));
    bucket.setOwed(tally.owed().setScale(PriceBook.SCALE));
    bucket.setJobs(tally.jobs());
    bucket.setAttempts(tally.attempts());
    bucket.setUnpriced(tally.unpriced());
    bucket.setGpuSeconds(tally.gpuMicros() == 0 ? null : GpuRate.seconds(tally.gpuMicros()));
    return bucket;
  }

  static CountedJob counted(@Nullable CountedEntries entries) {
    return entries == null
        ? CountedJob.NOTHING
        : new CountedJob(entries.getCharged(), Set.copyOf(entries.getAttempts()));
  }

  static CountedEntries entries(CountedJob counted) {
    return new CountedEntries(counted.charged(), List.copyOf(counted.attempts()));
  }
}
