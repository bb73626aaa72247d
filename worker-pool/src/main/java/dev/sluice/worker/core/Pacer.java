package dev.sluice.worker.core;

import java.time.Duration;

/// How fast one worker calls one pool: never faster than the provider's headers allow, and by what
/// its refusals taught where there are none.
///
/// What remains of an allowance is spread over the time until it is full again. Against a bucket
/// that refills all the time this settles at the refill rate with half the bucket in reserve;
/// against a window it uses the window up at its end and not before. A refusal cuts the learnt rate
/// (to 70 % of what went through of late at the first, then by 15 % each), every second raises it
/// by up to 2 %; where there are headers it is the trust in them that is cut and grows. One that
/// comes a hundred calls after the last is a provider's whim and cuts nothing. Slots follow the
/// rate by Little's law, so that work that cannot be called yet waits where it can still be
/// reordered.
///
/// Times are in nanoseconds of any one monotonic clock, rates in calls a second. Owned by one
/// thread at a time.
public final class Pacer {
  /// A call that would have to wait longer than this is given back.
  public static final Duration MAX_WAIT = Duration.ofSeconds(2);

  /// A provider's wish to be left alone is believed up to here; jobs wait for it up to 10 min.
  static final Duration MAX_PAUSE = Duration.ofSeconds(60);

  static final double MIN_RATE = 0.05;

  /// Refusals at least so many calls apart are as rare as they are wanted.
  private static final int RARE_CALLS = 100;

  private static final double FIRST_CUT = 0.7;
  private static final double CUT = 0.85;

  /// Seconds over which an allowance is spread at least.
  private static final double SHORTEST = 0.25;

  /// Of all workers together, a second: each grows by itself.
  private static final double GROWTH = 0.02;

  private static final double MIN_GROWTH = 0.004;

  /// Headers are the better teacher for so long after they were seen.
  private static final Duration BELIEVED = Duration.ofMinutes(2);

  /// A provider that refuses although its headers allow it limits something that they do not tell.
  private static final double MIN_TRUST = 0.05;

  /// Beyond what Little's law asks for, since calls differ in length.
  private static final double SLACK = 1.5;

  /// Calls may catch up after a hiccup of so long.
  private static final long CATCH_UP = Duration.ofMillis(50).toNanos();

  private static final double MEMORY_SECONDS = 2;

  /// A refusal in a lull is more likely due to what came before it.
  private static final double BUSIEST_SECONDS = 30;

  private static final double MEMORY_CALLS = 20;
  private static final double SECOND = 1e9;

  private int workers = 1;
  private long begunCalls;
  private long begunWhenRefused;
  private double trust = 1;
  private double learned = Double.POSITIVE_INFINITY;
  private double told = Double.POSITIVE_INFINITY;
  private double toldWhenFull = Double.POSITIVE_INFINITY;
  private long toldUntil = Long.MIN_VALUE;
  private long toldAt = Long.MIN_VALUE;
  private long lastStart = Long.MIN_VALUE;
  private long pausedUntil = Long.MIN_VALUE;
  private long cutAt = Long.MIN_VALUE;
  private long grownAt = Long.MIN_VALUE;

  private long firstAnswer = Long.MIN_VALUE;
  private long lastAnswer = Long.MIN_VALUE;
  private double answers;
  private double busiest;
  private double seconds;
  private double tokens;

  /// @param count live workers that call the same pool
  public void sharedBy(int count) {
    workers = Math.max(1, count);
  }

  /// Asks for the next call's time: how long to wait, nanoseconds. Above [#MAX_WAIT] no time was
  /// taken, and the call is not to be made.
  public long reserve(long now) {
    grow(now);
    double rate = rate(now);
    long paced =
        lastStart == Long.MIN_VALUE || Double.isInfinite(rate)
            ? now
            : Math.max(lastStart + (long) (SECOND / rate), now - CATCH_UP);
    long start = Math.max(paced, pausedUntil);
    long wait = Math.max(0, start - now);
    if (wait <= MAX_WAIT.toNanos()) {
      lastStart = start;
    }
    return wait;
  }

  /// A call begins; answers its number.
  public long began() {
    return ++begunCalls;
  }

  /// A call was answered in full.
  ///
  /// @param used tokens of all kinds
  public void answered(long begun, long now, long used) {
    double fade =
        firstAnswer == Long.MIN_VALUE ? 0 : Math.exp(-since(lastAnswer, now) / MEMORY_SECONDS);
    firstAnswer = firstAnswer == Long.MIN_VALUE ? begun : firstAnswer;
    answers = answers * fade + 1;
    busiest *= remembered(lastAnswer, now);
    lastAnswer = now;
    if (settled(now)) {
      busiest = Math.max(busiest, throughput(now));
    }
    seconds = averaged(seconds, (now - begun) / SECOND);
    tokens = averaged(tokens, (double) used);
  }

  private static double averaged(double before, double value) {
    return before == 0 ? value : before + (value - before) / MEMORY_CALLS;
  }

  /// The provider refused a call for its rate.
  ///
  /// @param retryAfter how long it asked to be left alone, nanoseconds; 0 when it did not say
  public void throttled(long begun, long now, long retryAfter) {
    pausedUntil = Math.max(pausedUntil, now + Math.min(retryAfter, MAX_PAUSE.toNanos()));
    if (cutAt != Long.MIN_VALUE && begun <= cutAt) {
      return;
    }
    boolean rare = begunCalls - begunWhenRefused >= RARE_CALLS;
    begunWhenRefused = begunCalls;
    if (rare) {
      return;
    }
    cutAt = now;
    grownAt = now;
    if (toldAt != Long.MIN_VALUE && now - toldAt < BELIEVED.toNanos()) {
      trust = Math.max(MIN_TRUST, trust * CUT);
      return;
    }
    double before = Double.isInfinite(learned) ? wentThrough(now) * FIRST_CUT : learned * CUT;
    learned = Math.max(MIN_RATE, before);
  }

  /// A provider's headers.
  ///
  /// @param call number of the call that they answer: they count it, and none that began later
  public void told(RateLimits limits, long call, long now) {
    told = Double.POSITIVE_INFINITY;
    toldWhenFull = Double.POSITIVE_INFINITY;
    toldAt = now;
    toldUntil = now;
    limits.requests().ifPresent(window -> spread(window, 1, call, now));
    if (tokens > 0) {
      limits.tokens().forEach(window -> spread(window, tokens, call, now));
    }
  }

  /// What remains for further calls, over the time until all is there again; a quarter of a second
  /// at least, since a whole allowance is no leave to use it up in one burst.
  private void spread(RateLimits.Window window, double unitsACall, long call, long now) {
    double calls = window.remaining() / unitsACall - (double) ((begunCalls - call) * workers);
    double full = Math.max(SHORTEST, window.reset().toNanos() / SECOND);
    told = Math.min(told, Math.max(1, calls) / full / workers);
    toldWhenFull =
        Math.min(toldWhenFull, Math.max(1, window.limit() / unitsACall) / SHORTEST / workers);
    toldUntil = Math.max(toldUntil, now + window.reset().toNanos());
  }

  /// Another worker's pace. One that has learnt nothing yet begins with it.
  ///
  /// @param rate what it allows itself, 0 when it knows no bound
  /// @param paused how long the provider wants to be left alone from now on, nanoseconds
  public void heard(double rate, long paused, long now) {
    if (rate > 0 && Double.isInfinite(learned) && toldAt == Long.MIN_VALUE) {
      learned = rate;
      grownAt = now;
    }
    pausedUntil = Math.max(pausedUntil, now + Math.min(paused, MAX_PAUSE.toNanos()));
  }

  /// Calls a second this worker allows itself; infinite when nothing bounds it.
  public double rate(long now) {
    if (toldAt == Long.MIN_VALUE || now - toldAt >= BELIEVED.toNanos()) {
      return learned;
    }
    return Math.min(learned, trust * (now < toldUntil ? told : toldWhenFull));
  }

  /// How long nothing is called, nanoseconds.
  public long paused(long now) {
    return pausedUntil == Long.MIN_VALUE ? 0 : Math.max(0, pausedUntil - now);
  }

  /// Calls that may be under way at once: enough for the rate, between 1 and this worker's share.
  public int slots(int share, long now) {
    grow(now);
    double rate = rate(now);
    if (Double.isInfinite(rate)) {
      return share;
    }
    return (int) Math.clamp(Math.ceil(rate * seconds * SLACK) + 1, 1, Math.max(1, share));
  }

  private void grow(long now) {
    if (grownAt != Long.MIN_VALUE && now > grownAt) {
      // Nobody has tried what an idle time would have allowed.
      double passed = Math.min(1, since(grownAt, now));
      double growth = 1 + Math.max(MIN_GROWTH, GROWTH / workers) * passed;
      learned *= growth;
      trust = Math.min(1, trust * growth);
      grownAt = now;
    }
  }

  /// Answers a second of the last seconds, or of the busiest time of late if those were more.
  private double wentThrough(long now) {
    return Math.max(throughput(now), busiest * remembered(lastAnswer, now));
  }

  private static double remembered(long then, long now) {
    return then == Long.MIN_VALUE ? 0 : Math.exp(-since(then, now) / BUSIEST_SECONDS);
  }

  /// Whether enough was seen to say what goes through: the first few answers would say too much.
  private boolean settled(long now) {
    return since(firstAnswer, now) >= 1;
  }

  /// Answers a second of the last seconds.
  private double throughput(long now) {
    if (firstAnswer == Long.MIN_VALUE) {
      return 1;
    }
    double watched = 1 - Math.exp(-since(firstAnswer, now) / MEMORY_SECONDS);
    double fade = Math.exp(-since(lastAnswer, now) / MEMORY_SECONDS);
    return answers * fade / MEMORY_SECONDS / Math.max(0.05, watched);
  }

  private static double since(long then, long now) {
    return (now - then) / SECOND;
  }
}
