package dev.sluice.ledgercheck.mock;

import dev.sluice.ledgercheck.core.FaultMix;
import dev.sluice.ledgercheck.core.PriceTable;
import dev.sluice.ledgercheck.core.ProviderFault;
import dev.sluice.ledgercheck.core.Tokens;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;

/// Draws what a call will be from one seed: faults, latency, nonce and token counts.
///
/// Token counts are drawn until their price was never drawn before, so a wrong sum names its call.
/// Every draw holds this object's monitor.
final class Draws {
  /// Room for the marker and the nonce.
  private static final int MIN_OUTPUT_TOKENS = 14;

  private static final int MAX_OUTPUT_TOKENS = 110;
  private static final int MAX_CACHED_TOKENS = 12;
  private static final int MAX_REASONING_TOKENS = 12;

  /// Share of calls that take seconds: the ones that kills and cancels meet in the middle.
  private static final double LONG_CALLS = 0.03;

  private static final int SLOWER_QUESTIONS_MILLIS = 600;

  private final SplittableRandom random;
  private final Set<Long> prices = new HashSet<>();
  private FaultMix faults;

  Draws(long seed, FaultMix faults) {
    this.random = new SplittableRandom(seed);
    this.faults = faults;
  }

  /// @param latency of a plain answer, or of all tokens of a stream together
  record Draw(ProviderFault fault, Tokens tokens, String nonce, Duration latency) {}

  synchronized void setFaults(FaultMix changed) {
    faults = changed;
  }

  /// @param promptTokens tokens of the prompt, near what anyone would estimate
  /// @param question whether others may ask the same: such calls are answered well, and slowly, so
  ///   that others wait for them
  synchronized Draw next(long promptTokens, boolean question) {
    ProviderFault fault = faults.pick(random.nextDouble());
    String nonce = "nonce-%016x".formatted(random.nextLong());
    Duration latency = latency();
    return new Draw(
        question ? ProviderFault.NONE : fault,
        tokens(promptTokens),
        nonce,
        question ? latency.plusMillis(SLOWER_QUESTIONS_MILLIS) : latency);
  }

  private Tokens tokens(long promptTokens) {
    for (int tries = 1; ; tries++) {
      // Where a prompt length has run out of new prices, a longer one has them.
      long prompt = promptTokens + tries / 20;
      long cached = Math.min(prompt / 2, random.nextInt(MAX_CACHED_TOKENS + 1));
      Tokens drawn =
          new Tokens(
              prompt - cached,
              cached,
              MIN_OUTPUT_TOKENS + random.nextInt(MAX_OUTPUT_TOKENS - MIN_OUTPUT_TOKENS),
              random.nextInt(MAX_REASONING_TOKENS + 1));
      if (prices.add(price(drawn))) {
        return drawn;
      }
    }
  }

  private static long price(Tokens tokens) {
    return PriceTable.OF_THE_CHECK.pico(PriceTable.PRICED_MODEL, tokens.byKind()).orElseThrow();
  }

  private Duration latency() {
    if (random.nextDouble() < LONG_CALLS) {
      return Duration.ofMillis(1500 + random.nextInt(2500));
    }
    double exponential = -Math.log(1 - random.nextDouble());
    return Duration.ofMillis(5 + Math.min(400, Math.round(40 * exponential)));
  }
}
