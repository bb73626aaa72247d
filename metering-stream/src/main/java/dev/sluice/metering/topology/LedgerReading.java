package dev.sluice.metering.topology;

import dev.sluice.contract.avro.GpuUse;
import dev.sluice.contract.avro.Settlement;
import dev.sluice.contract.avro.UsageSource;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.TokenKind;
import dev.sluice.contract.serde.SchemaRegistryException;
import dev.sluice.contract.topic.Topics;
import dev.sluice.metering.core.Amount;
import dev.sluice.metering.core.SettledCall;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/// What a ledger record turned out to be. Its bounds keep one damaged record from making totals
/// that cannot be written: far beyond any real call, far below what Avro and Kafka can carry.
sealed interface LedgerReading {
  int MAX_BYTES = 256 * 1024;
  int MAX_USD_DIGITS = 15;
  long MAX_GPU_MICROS = 1_000_000_000_000_000L;

  /// @param settlement as read
  /// @param call the same for the decisions
  record Usable(Settlement settlement, JobId job, SettledCall call) implements LedgerReading {}

  record Unusable(ErrorCode code, String message) implements LedgerReading {}

  /// @throws SchemaRegistryException when the registry cannot be asked now
  static LedgerReading of(byte @Nullable [] value, Deserializer<Settlement> deserializer) {
    if (value == null || value.length > MAX_BYTES) {
      return new Unusable(
          value == null ? ErrorCode.DECODE_ERROR : ErrorCode.LIMITS,
          value == null
              ? "a settlement needs a value"
              : value.length + " bytes are more than " + MAX_BYTES);
    }
    try {
      return checked(deserializer.deserialize(Topics.LEDGER.name(), value));
    } catch (SerializationException e) {
      ErrorCode code =
          e.getCause() instanceof SchemaRegistryException
              ? ErrorCode.UNKNOWN_SCHEMA
              : ErrorCode.DECODE_ERROR;
      return new Unusable(code, String.valueOf(e.getMessage()));
    }
  }

  private static LedgerReading checked(Settlement settlement) {
    Optional<JobId> job = JobId.parse(settlement.getJobId());
    if (job.isEmpty()) {
      return new Unusable(ErrorCode.POISON, "not a job id: " + settlement.getJobId());
    }
    Map<String, Long> tokens = settlement.getUsage().getTokens();
    if (tokens.values().stream().anyMatch(count -> count < 0 || count > TokenKind.MAX_TOKENS)) {
      return new Unusable(ErrorCode.POISON, "token counts must be 0.." + TokenKind.MAX_TOKENS);
    }
    GpuUse gpu = settlement.getGpu();
    if (gpu != null
        && (gpu.getMicros() < 0
            || gpu.getMicros() > MAX_GPU_MICROS
            || isOutOfBounds(gpu.getUsdPerHour()))) {
      return new Unusable(
          ErrorCode.POISON, "GPU time must be 0.." + MAX_GPU_MICROS + " microseconds");
    }
    if (isOutOfBounds(settlement.getOwed()) || isOutOfBounds(settlement.getCharged())) {
      return new Unusable(
          ErrorCode.POISON, "amounts must be 0 or more, below 10^" + MAX_USD_DIGITS + " USD");
    }
    return new Usable(settlement, job.get(), call(settlement, job.get()));
  }

  private static boolean isOutOfBounds(@Nullable BigDecimal usd) {
    return usd != null && (usd.signum() < 0 || usd.precision() - usd.scale() > MAX_USD_DIGITS);
  }

  private static SettledCall call(Settlement settlement, JobId job) {
    return new SettledCall(
        settlement.getEntryId(),
        job.text(),
        settlement.getUsage().getSource() != UsageSource.CACHE,
        settlement.getDelivered(),
        amount(settlement, settlement.getOwed()),
        amount(settlement, settlement.getCharged()),
        settlement.getUsage().getTokens(),
        settlement.getGpu() == null ? 0 : settlement.getGpu().getMicros());
  }

  /// Of a call whose GPU time is priced, one of the two may be known without the other.
  private static Amount amount(Settlement settlement, @Nullable BigDecimal usd) {
    boolean unknown = settlement.getUnpriced() && settlement.getGpu() == null;
    return usd == null || unknown ? Amount.UNPRICED : new Amount.Usd(usd);
  }
}
