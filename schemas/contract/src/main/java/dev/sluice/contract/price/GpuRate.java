package dev.sluice.contract.price;

import dev.sluice.contract.model.Policy;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Optional;

/// What a call takes of a pool's GPUs: its wall time, times the part of them that one of the pool's
/// slots is. Whole GPU-microseconds, rounded up once a call, so sums are exact. See ADR 0027.
///
/// @param count GPUs of the pool
/// @param slots calls at once, of the whole pool
/// @param usdPerHour price of one GPU; empty where time is counted and not priced
/// @param longest of one call; what a clock says beyond that is not counted
public record GpuRate(int count, int slots, Optional<BigDecimal> usdPerHour, Duration longest) {
  /// GPU-microseconds of a GPU-second.
  public static final long MICROS = 1_000_000;

  private static final String VERSION = "gpu:";
  private static final long MICROS_OF_MILLI = 1_000;
  private static final BigDecimal SECONDS_OF_HOUR = BigDecimal.valueOf(3_600);

  /// The rate of a pool; empty where its GPUs are not named.
  public static Optional<GpuRate> of(Policy.Pool pool) {
    return pool.gpu()
        .map(gpu ->
            new GpuRate(
                gpu.count(), pool.concurrency(), gpu.usdPerHour(), pool.timeouts().total()));
  }

  /// GPU-microseconds of a call that took so long.
  public long micros(Duration took) {
    long millis = Math.clamp(took.toMillis(), 0, longest.toMillis());
    return Math.ceilDiv(Math.multiplyExact(millis, MICROS_OF_MILLI * count), slots);
  }

  /// What so much time costs; empty where time is not priced.
  public Optional<Rating.Priced> price(long micros) {
    return usdPerHour.map(usd -> new Rating.Priced(usd(micros, usd), version(usd)));
  }

  /// What so many GPU-microseconds cost at a price of one GPU's hour, USD, rounded once, half to
  /// even.
  public static BigDecimal usd(long micros, BigDecimal usdPerHour) {
    return seconds(micros)
        .multiply(usdPerHour)
        .divide(SECONDS_OF_HOUR, PriceBook.SCALE, RoundingMode.HALF_EVEN);
  }

  /// The price's name on cost rows.
  public static String version(BigDecimal usdPerHour) {
    return VERSION + usdPerHour.stripTrailingZeros().toPlainString();
  }

  /// Whether a price's name is one of GPU time.
  public static boolean isVersion(String priceVersion) {
    return priceVersion.startsWith(VERSION);
  }

  /// GPU-seconds, exactly.
  public static BigDecimal seconds(long micros) {
    return BigDecimal.valueOf(micros, 6);
  }
}
