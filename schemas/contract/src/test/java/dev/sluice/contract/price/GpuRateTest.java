package dev.sluice.contract.price;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.TokenKind;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// GPU time of calls and what it costs, alone and beside prices of tokens.
class GpuRateTest {
  private static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");
  private static final Map<String, Long> TOKENS = Map.of("input", 1_000_000L);

  @ParameterizedTest
  @CsvSource({
    // GPUs, slots, milliseconds, GPU-microseconds
    "8, 64, 1000, 125000",
    "1, 1, 1, 1000",
    "1, 3, 1, 334",
    "8, 8, 0, 0",
    "8, 8, -5, 0",
    "8, 4, 3600000, 7200000000",
    "8, 4, 9000000, 7200000000",
    "100000, 1, 3600000, 360000000000000"
  })
  void aCallTakesItsTimeTimesTheShareOfASlot(int gpus, int slots, long millis, long micros) {
    GpuRate rate = new GpuRate(gpus, slots, Optional.empty(), Duration.ofHours(1));

    assertEquals(micros, rate.micros(Duration.ofMillis(millis)));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void timeIsRoundedUpByLessThanAMicrosecondAndMoneyByHalfAStep(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      BigDecimal usd = BigDecimal.valueOf(random.nextLong(10_000_000), random.nextInt(7));
      GpuRate rate =
          new GpuRate(
              1 + random.nextInt(1_000),
              1 + random.nextInt(1_000),
              Optional.of(usd),
              Duration.ofDays(1));
      long millis = random.nextLong(Duration.ofDays(1).toMillis());

      long micros = rate.micros(Duration.ofMillis(millis));

      BigInteger exact =
          BigInteger.valueOf(millis).multiply(BigInteger.valueOf(1_000L * rate.count()));
      BigInteger over =
          BigInteger.valueOf(micros).multiply(BigInteger.valueOf(rate.slots())).subtract(exact);
      assertTrue(over.signum() >= 0 && over.compareTo(BigInteger.valueOf(rate.slots())) < 0);
      BigDecimal price = rate.price(micros).orElseThrow().usd();
      BigDecimal off =
          price
              .multiply(BigDecimal.valueOf(3_600_000_000L))
              .subtract(usd.multiply(BigDecimal.valueOf(micros)))
              .abs();
      assertEquals(PriceBook.SCALE, price.scale());
      assertTrue(off.compareTo(new BigDecimal("0.0018")) <= 0, off.toString());
    }
  }

  @Test
  void timeIsOwedAndTokensAreChargedWhereBothHaveAPrice() {
    CallPrice price = price("gpu", "priced");

    assertEquals(new Rating.Priced(new BigDecimal("0.000694444444"), "gpu:2.5"), price.owed());
    assertEquals(new Rating.Priced(new BigDecimal("1.000000000000"), "v1"), price.charged());
    assertEquals(1_000_000, price.gpuMicros());
  }

  @Test
  void timeIsChargedTooWhereTokensHaveNoPrice() {
    CallPrice price = price("gpu", "free");

    assertEquals(price.owed(), price.charged());
    assertEquals(new Rating.Priced(new BigDecimal("0.000694444444"), "gpu:2.5"), price.owed());
  }

  @Test
  void aPriceThatLacksAKindIsNotReplacedByTime() {
    CallPrice price = BOOK.price("gpu", "priced", NOW, Duration.ofSeconds(2), Map.of("image", 1L));

    assertTrue(price.owed() instanceof Rating.Priced);
    assertTrue(price.charged() instanceof Rating.Unpriced);
  }

  @Test
  void withoutAPriceOfTimeItIsCountedAndTokensDecide() {
    CallPrice counted = price("counted", "priced");

    assertEquals(1_000_000, counted.gpuMicros());
    assertEquals(new Rating.Priced(new BigDecimal("1.000000000000"), "v1"), counted.owed());
    assertEquals(counted.owed(), counted.charged());
    assertTrue(price("counted", "free").owed() instanceof Rating.Unpriced);
  }

  @Test
  void aPoolThatNamesNoGpusHasNoTime() {
    assertEquals(Optional.empty(), price("vendor", "priced").gpu());
  }

  private static CallPrice price(String pool, String model) {
    return BOOK.price(pool, model, NOW, Duration.ofSeconds(2), TOKENS);
  }

  private static final PriceBook BOOK = book();

  private static PriceBook book() {
    return PriceBook.of(
        new Policy(
            1,
            Map.of(),
            Map.of(
                "gpu", pool("gpu", Optional.of(gpu(Optional.of(new BigDecimal("2.50"))))),
                "counted", pool("counted", Optional.of(gpu(Optional.empty()))),
                "vendor", pool("vendor", Optional.empty())),
            Map.of(),
            List.of(tokens("gpu"), tokens("counted"), tokens("vendor"))));
  }

  private static Policy.Gpu gpu(Optional<BigDecimal> usdPerHour) {
    return new Policy.Gpu("H100", 4, usdPerHour);
  }

  private static Policy.Price tokens(String pool) {
    return new Policy.Price(
        "v1", pool, "priced", Instant.EPOCH, Map.of(TokenKind.INPUT, BigDecimal.ONE));
  }

  private static Policy.Pool pool(String id, Optional<Policy.Gpu> gpu) {
    return new Policy.Pool(
        id,
        Policy.ProviderKind.SIMULATED,
        List.of(),
        Optional.empty(),
        8,
        Policy.Timeouts.DEFAULT,
        Set.of("chat"),
        Policy.Simulation.DEFAULT,
        Optional.empty(),
        gpu,
        Policy.Affinity.NONE);
  }
}
