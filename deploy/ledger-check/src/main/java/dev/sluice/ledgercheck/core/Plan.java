package dev.sluice.ledgercheck.core;

import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;

/// What the client does with its n-th marker. The same seed gives the same plans.
///
/// @param priority class named in the request
/// @param filler words that make the prompt longer
/// @param keyed whether it has an idempotency key, and is sent again
/// @param cancelAfter time from the 202 to the cancel; empty for jobs that are left alone
public record Plan(
    String marker,
    Surface surface,
    String model,
    String priority,
    int filler,
    boolean keyed,
    Optional<Duration> cancelAfter) {

  private static final double CANCELS = 0.08;
  private static final double KEYED = 0.3;
  private static final double UNPRICED = 0.03;

  public static Plan of(long seed, int number) {
    SplittableRandom random = new SplittableRandom(seed * 31 + number);
    Surface surface = surface(random.nextDouble());
    boolean cancellable = surface == Surface.JOB || surface == Surface.JOB_EVENTS;
    boolean cancels = cancellable && random.nextDouble() < CANCELS;
    double priority = random.nextDouble();
    String model = random.nextDouble() < UNPRICED ? "ledger-unpriced" : "ledger";
    int filler = random.nextInt(60);
    int cancelMillis = random.nextInt(400);
    return new Plan(
        Marker.of(seed, number),
        surface,
        model,
        priority < 0.3 ? "interactive" : priority < 0.8 ? "standard" : "batch",
        filler,
        surface == Surface.JOB && !cancels && random.nextDouble() < KEYED,
        cancels ? Optional.of(Duration.ofMillis(cancelMillis)) : Optional.empty());
  }

  private static Surface surface(double drawn) {
    if (drawn < 0.50) {
      return Surface.JOB;
    }
    if (drawn < 0.62) {
      return Surface.JOB_WAIT;
    }
    if (drawn < 0.74) {
      return Surface.JOB_EVENTS;
    }
    return drawn < 0.87 ? Surface.CHAT : Surface.CHAT_STREAM;
  }

  /// The user's message: the marker, then filler.
  public String prompt() {
    return marker + " say something" + " more".repeat(filler);
  }
}
