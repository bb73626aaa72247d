package dev.sluice.ledgercheck.core;

import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;

/// What the client does with its n-th marker. The same seed gives the same plans.
///
/// @param question the mark in the prompt: the marker, or that of a question that others ask too
/// @param priority class named in the request
/// @param filler words that make the prompt longer
/// @param cache what it says of answers that are given again
/// @param keyed whether it has an idempotency key, and is sent again
/// @param cancelAfter time from the 202 to the cancel; empty for jobs that are left alone
public record Plan(
    String marker,
    Account account,
    String question,
    Surface surface,
    String model,
    String priority,
    int filler,
    Optional<CacheWish> cache,
    boolean keyed,
    Optional<Duration> cancelAfter) {

  /// The plain model, and the one of two providers, the first of which is down for a while.
  public static final String MODEL = "ledger";

  public static final String MODEL_OF_TWO = "ledger-two";
  public static final String UNPRICED_MODEL = "ledger-unpriced";

  private static final double CANCELS = 0.08;
  private static final double KEYED = 0.3;
  private static final double UNPRICED = 0.03;
  private static final double OF_TWO = 0.3;

  /// The paced tenant posts only in the first quarter of each of these.
  private static final int BURST_CYCLE = 600;

  private static final double BURST = 0.2;

  /// Posts during which the same few questions are asked.
  private static final int QUESTION_CYCLE = 120;

  private static final int QUESTIONS = 3;

  /// How many cycles back a question may be.
  private static final int MEMORY = 4;

  public static Plan of(long seed, int number) {
    SplittableRandom random = new SplittableRandom(seed * 31 + number);
    Account account = account(number, random.nextDouble());
    return account.asksAgain()
        ? asking(seed, number, account, random)
        : single(seed, number, account, random);
  }

  private static Account account(int number, double drawn) {
    boolean burst = number % BURST_CYCLE < BURST_CYCLE / 4;
    if (drawn < 0.07) {
      return Account.NARROW;
    }
    if (drawn < 0.12) {
      return Account.CAPPED;
    }
    if (drawn < 0.19) {
      return Account.ECHO_A;
    }
    if (drawn < 0.26) {
      return Account.ECHO_B;
    }
    return burst && drawn < 0.26 + BURST ? Account.PACED : Account.LEDGER;
  }

  private static Plan single(long seed, int number, Account account, SplittableRandom random) {
    Surface surface = surface(random.nextDouble());
    boolean cancellable = surface == Surface.JOB || surface == Surface.JOB_EVENTS;
    boolean cancels = cancellable && random.nextDouble() < CANCELS;
    double priority = random.nextDouble();
    double model = random.nextDouble();
    int filler = random.nextInt(60);
    int cancelMillis = random.nextInt(400);
    boolean keyed = surface == Surface.JOB && !cancels && random.nextDouble() < KEYED;
    String marker = Marker.of(seed, number);
    return new Plan(
        marker,
        account,
        marker,
        surface,
        account == Account.LEDGER && model < UNPRICED
            ? UNPRICED_MODEL
            : model < UNPRICED + OF_TWO ? MODEL_OF_TWO : MODEL,
        priority < 0.3 ? "interactive" : priority < 0.8 ? "standard" : "batch",
        filler,
        Optional.empty(),
        keyed && account != Account.CAPPED,
        cancels ? Optional.of(Duration.ofMillis(cancelMillis)) : Optional.empty());
  }

  /// Nobody cancels it, and the provider answers it well: what is repeated must be explained by the
  /// cache alone.
  private static Plan asking(long seed, int number, Account account, SplittableRandom random) {
    int cycle = Math.max(0, number / QUESTION_CYCLE - random.nextInt(MEMORY));
    int question = cycle * QUESTIONS + random.nextInt(QUESTIONS);
    boolean stream = random.nextDouble() < 0.25;
    double drawn = random.nextDouble();
    Surface surface =
        stream
            ? drawn < 0.5 ? Surface.CHAT_STREAM : Surface.JOB_EVENTS
            : drawn < 0.5 ? Surface.JOB : drawn < 0.75 ? Surface.JOB_WAIT : Surface.CHAT;
    return new Plan(
        Marker.of(seed, number),
        account,
        Marker.ofQuestion(seed, question),
        surface,
        MODEL,
        "standard",
        question % 40,
        wish(random.nextDouble()),
        false,
        Optional.empty());
  }

  private static Optional<CacheWish> wish(double drawn) {
    if (drawn < 0.1) {
      return Optional.empty();
    }
    if (drawn < 0.2) {
      return Optional.of(new CacheWish(CacheWish.Mode.OFF, 0));
    }
    return Optional.of(
        drawn < 0.3
            ? new CacheWish(CacheWish.Mode.REFRESH, 60)
            : new CacheWish(CacheWish.Mode.USE, drawn < 0.45 ? 3 : 60));
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

  /// The user's message: the mark, then filler.
  public String prompt() {
    return question + " say something" + " more".repeat(filler);
  }
}
