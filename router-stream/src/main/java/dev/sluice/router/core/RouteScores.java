package dev.sluice.router.core;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/// What the calls that one task has seen end say of routes: how fast each is, and how well each
/// serves a model. Derived and not kept: a task that is taken over begins anew. Owned by one
/// thread.
public final class RouteScores {

  /// Length of the answer by which speeds are compared, tokens.
  static final int TYPICAL_TOKENS = 256;

  /// Weight of the newest measurement.
  private static final double NEWEST = 0.2;

  /// What remains of older rewards when one comes, so that a route can mend its name.
  private static final double MEMORY = 0.98;

  /// Names of models can be the caller's own, so what is kept is bounded: the least used goes.
  private static final int MAX_ROUTES = 10_000;

  private static final int MAX_MODELS = 1_000;

  /// A call that ended.
  ///
  /// @param asked the caller's name for the model
  /// @param model name at the provider
  /// @param cause NONE when it delivered
  /// @param toFirstToken of a streamed answer
  /// @param taken from the start of the call to its end
  /// @param outputTokens generated, tokens; 0 when unknown
  /// @param usd what it owes; empty when unpriced
  public record Call(
      String asked,
      String pool,
      String model,
      FailureCause cause,
      Optional<Duration> toFirstToken,
      Duration taken,
      long outputTokens,
      Optional<BigDecimal> usd) {}

  private record Route(String pool, String model) {}

  private static final class Pace {
    double firstToken = Double.NaN;
    double tokensPerSecond = Double.NaN;
    long seen;

    /// Seconds until a typical answer is there.
    double seconds() {
      double wait = Double.isNaN(firstToken) ? 0 : firstToken;
      return Double.isNaN(tokensPerSecond) ? wait : wait + TYPICAL_TOKENS / tokensPerSecond;
    }
  }

  private static final class Arm {
    double won;
    double lost;
  }

  private static final class Arms {
    final Map<Route, Arm> byRoute = new HashMap<>();
    double meanSeconds = Double.NaN;
    double meanUsd = Double.NaN;
  }

  private final Map<Route, Pace> paces = new Recent<>(MAX_ROUTES);
  private final Map<String, Arms> arms = new Recent<>(MAX_MODELS);
  private long calls;

  /// Takes a call into account.
  ///
  /// @param rewarded whether its model is routed by what calls teach
  public void learn(Call call, boolean rewarded) {
    calls++;
    Route route = new Route(call.pool(), call.model());
    if (call.cause() == FailureCause.NONE) {
      measure(paces.computeIfAbsent(route, _ -> new Pace()), call);
    }
    if (rewarded) {
      reward(arms.computeIfAbsent(call.asked(), _ -> new Arms()), route, call);
    }
  }

  private void measure(Pace pace, Call call) {
    pace.seen = calls;
    double taken = seconds(call.taken());
    double wait = call.toFirstToken().map(RouteScores::seconds).orElse(0.0);
    if (call.toFirstToken().isPresent()) {
      pace.firstToken = mean(pace.firstToken, wait, NEWEST);
    }
    if (call.outputTokens() > 0) {
      double rate = call.outputTokens() / Math.max(0.001, taken - wait);
      pace.tokensPerSecond = mean(pace.tokensPerSecond, rate, NEWEST);
    } else if (call.toFirstToken().isEmpty()) {
      pace.firstToken = mean(pace.firstToken, taken, NEWEST);
    }
  }

  /// Seconds until a typical answer of a route is there; NaN as long as no call of it delivered.
  double seconds(String pool, String model) {
    Pace pace = paces.get(new Route(pool, model));
    return pace == null ? Double.NaN : pace.seconds();
  }

  /// Whether any of these routes has been measured.
  ///
  /// @param asked the caller's name for the model
  boolean measured(String asked, List<RoutePlan.Way> ways) {
    for (RoutePlan.Way way : ways) {
      if (paces.containsKey(new Route(way.pool(), way.provider(asked)))) {
        return true;
      }
    }
    return false;
  }

  /// When a route was measured last, in calls seen; 0 for never.
  long measuredAt(String pool, String model) {
    Pace pace = paces.get(new Route(pool, model));
    return pace == null ? 0 : pace.seen;
  }

  /// The reward of a call, 0..1. A failure of the route is worth nothing. An answer is worth a
  /// half, up to a quarter more for its time and up to another for its price, each measured by the
  /// average of its model: what is average gets half of the quarter. An unpriced call gets nothing
  /// for its price.
  private static void reward(Arms model, Route route, Call call) {
    Optional<Boolean> delivered = delivered(call.cause());
    if (delivered.isEmpty()) {
      return;
    }
    double reward = 0;
    if (delivered.get()) {
      double taken = seconds(call.taken());
      model.meanSeconds = mean(model.meanSeconds, taken, NEWEST / 2);
      reward = 0.5 + 0.25 * share(model.meanSeconds, taken);
      if (call.usd().isPresent()) {
        double usd = call.usd().get().doubleValue();
        model.meanUsd = mean(model.meanUsd, usd, NEWEST / 2);
        reward += 0.25 * share(model.meanUsd, usd);
      }
    }
    Arm arm = model.byRoute.computeIfAbsent(route, _ -> new Arm());
    arm.won = arm.won * MEMORY + reward;
    arm.lost = arm.lost * MEMORY + 1 - reward;
  }

  private static double share(double mean, double own) {
    return mean + own == 0 ? 0.5 : mean / (mean + own);
  }

  /// Whether a call speaks for its route or against it; empty when its end was not the route's
  /// doing.
  private static Optional<Boolean> delivered(FailureCause cause) {
    return switch (cause) {
      case NONE -> Optional.of(true);
      case THROTTLED, DOWN, TIMEOUT, INVALID_KEY, BAD_ANSWER -> Optional.of(false);
      case TOO_LONG, REFUSED, CANCELLED, EXPIRED, WORKER_LOST, INTERNAL -> Optional.empty();
    };
  }

  /// What a route may be worth: drawn from what its calls make probable, so that a route of which
  /// little is known is tried as often as it may be the best.
  ///
  /// @param asked the caller's name for the model
  double sample(String asked, String pool, String model, SplittableRandom chance) {
    Arms known = arms.get(asked);
    Arm arm = known == null ? null : known.byRoute.get(new Route(pool, model));
    double won = gamma(1 + (arm == null ? 0 : arm.won), chance);
    double lost = gamma(1 + (arm == null ? 0 : arm.lost), chance);
    return won / (won + lost);
  }

  /// A draw from the gamma distribution of a shape of at least 1, after Marsaglia and Tsang.
  private static double gamma(double shape, SplittableRandom chance) {
    double d = shape - 1.0 / 3;
    double c = 1 / Math.sqrt(9 * d);
    while (true) {
      double x = chance.nextGaussian();
      double v = 1 + c * x;
      if (v > 0) {
        v = v * v * v;
        if (Math.log(chance.nextDouble()) < 0.5 * x * x + d - d * v + d * Math.log(v)) {
          return d * v;
        }
      }
    }
  }

  private static double mean(double before, double now, double weight) {
    return Double.isNaN(before) ? now : before + weight * (now - before);
  }

  private static double seconds(Duration duration) {
    return Math.max(0, duration.toNanos() / 1e9);
  }

  /// A map that forgets what was used least recently.
  private static final class Recent<K, V> extends LinkedHashMap<K, V> {
    private static final long serialVersionUID = 1L;
    private final int max;

    Recent(int max) {
      super(16, 0.75f, true);
      this.max = max;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
      return size() > max;
    }
  }
}
