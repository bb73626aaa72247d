package dev.sluice.router.core;

import dev.sluice.contract.model.TokenKind;
import dev.sluice.contract.price.Rating;
import dev.sluice.router.core.RoutePlan.Way;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// An order of routes: the lowest rank wins, of equals the first of the list. Each has a word for
/// whoever asks why.
final class RouteRanking {

  /// Counted for a job whose output nothing limits, tokens.
  private static final long DEFAULT_OUTPUT_TOKENS = 512;

  /// One job of so many goes where it was measured longest ago, so that no measurement stays old.
  private static final int PROBE = 16;

  private static final long PROBE_SALT = 0x5f3759df9e3779b9L;

  private final double[] ranks;
  private final String[] words;
  private int winner = -1;

  private RouteRanking(int size) {
    ranks = new double[size];
    words = new String[size];
  }

  /// Which one is taken.
  int winner() {
    if (winner >= 0) {
      return winner;
    }
    int best = 0;
    for (int i = 1; i < ranks.length; i++) {
      if (ranks[i] < ranks[best]) {
        best = i;
      }
    }
    return best;
  }

  /// Why that one is where it is.
  String word(int i) {
    return words[i];
  }

  private void put(int i, double rank, String word) {
    ranks[i] = rank;
    words[i] = word;
  }

  /// By their place in the list.
  static RouteRanking byPlace(List<Way> open) {
    RouteRanking ranking = new RouteRanking(open.size());
    for (int i = 0; i < open.size(); i++) {
      ranking.put(i, i, i == 0 ? "first of those that may be used" : "later in the list");
    }
    return ranking;
  }

  /// By what the longest run of the job costs at the prices in force; what has no price is last.
  static RouteRanking byPrice(Job job, RoutePlan plan, List<Way> open, RouteMoment moment) {
    long input = job.facts().map(RouteFacts::inputTokens).orElse(job.estimatedTokens());
    long output =
        job.facts().isPresent() && job.facts().get().maxOutputTokens().isPresent()
            ? job.facts().get().maxOutputTokens().getAsLong()
            : plan.model().maxOutputTokens().map(Integer::longValue).orElse(DEFAULT_OUTPUT_TOKENS);
    Map<String, Long> tokens = Map.of(TokenKind.INPUT.key(), input, TokenKind.OUTPUT.key(), output);
    RouteRanking ranking = new RouteRanking(open.size());
    for (int i = 0; i < open.size(); i++) {
      Way way = open.get(i);
      switch (moment.prices().rate(way.pool(), way.provider(job.model()), moment.now(), tokens)) {
        case Rating.Priced(BigDecimal usd, _) -> {
          String amount = usd.signum() == 0 ? "0" : usd.stripTrailingZeros().toPlainString();
          ranking.put(i, usd.doubleValue(), "at most " + amount + " USD");
        }
        case Rating.Unpriced _ -> ranking.put(i, Double.MAX_VALUE, "unpriced");
      }
    }
    return ranking;
  }

  /// By the time measured; the one measured longest ago wins for the jobs that measure.
  static RouteRanking byTime(Job job, List<Way> open, RouteMoment moment) {
    RouteRanking ranking = new RouteRanking(open.size());
    int stalest = 0;
    long stalestAt = Long.MAX_VALUE;
    for (int i = 0; i < open.size(); i++) {
      String pool = open.get(i).pool();
      String model = open.get(i).provider(job.model());
      double seconds = moment.scores().seconds(pool, model);
      if (Double.isNaN(seconds)) {
        ranking.put(i, Double.MAX_VALUE, "not measured yet");
      } else {
        ranking.put(i, seconds, "about " + rounded(seconds) + " s");
      }
      long at = moment.scores().measuredAt(pool, model);
      if (at < stalestAt) {
        stalest = i;
        stalestAt = at;
      }
    }
    if (measures(job) && stalest != ranking.winner()) {
      ranking.winner = stalest;
      ranking.words[stalest] += ", to be measured";
    }
    return ranking;
  }

  /// Whether a job is one of those that keep measurements fresh.
  private static boolean measures(Job job) {
    long hash = RouteHash.mix(RouteHash.of(job.id()) ^ PROBE_SALT);
    return Long.remainderUnsigned(hash, PROBE) == 0;
  }

  /// By a draw from what each may be worth.
  static RouteRanking bySample(Job job, List<Way> open, RouteMoment moment) {
    SplittableRandom chance = new SplittableRandom(moment.chance());
    RouteRanking ranking = new RouteRanking(open.size());
    for (int i = 0; i < open.size(); i++) {
      Way way = open.get(i);
      double worth =
          moment.scores().sample(job.model(), way.pool(), way.provider(job.model()), chance);
      ranking.put(i, -worth, "drew " + rounded(worth));
    }
    return ranking;
  }

  private static double rounded(double value) {
    return Math.round(value * 1_000) / 1_000.0;
  }
}
