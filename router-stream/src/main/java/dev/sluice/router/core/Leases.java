package dev.sluice.router.core;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// Which workers live, as the topic of signs of life tells it: a worker is lost when five rounds
/// have passed since its last beat. Every router ticks there once a second, and a round is over
/// when some router ticks for the second time in it. So a round lasts a second, however many
/// routers there are, and rounds add up over routers that die young: a lease ends even where no
/// router lives for five seconds.
///
/// Counted in what was read, never in clocks: whoever reads the same records gets the same answer,
/// and a paused router, a broker that was away or a skewed clock ends no lease. Owned by one
/// thread.
public final class Leases {

  /// Rounds without a beat after which a worker is lost.
  static final int ROUNDS = 5;

  /// Rounds after which a silent worker is forgotten.
  private static final long REMEMBERED = 3_600;

  private record Sign(long round, boolean leaving) {}

  private final Map<String, Sign> lastSign = new HashMap<>();
  private final Set<String> tickedInThisRound = new HashSet<>();
  private long round;

  /// A worker lives, or says good-bye.
  public void beat(String worker, boolean leaving) {
    lastSign.put(worker, new Sign(round, leaving));
  }

  /// A router ticks.
  public void tick(String router) {
    if (tickedInThisRound.add(router)) {
      return;
    }
    tickedInThisRound.clear();
    tickedInThisRound.add(router);
    round++;
    lastSign.values().removeIf(sign -> round - sign.round > REMEMBERED);
  }

  /// Those of these workers that are gone. A worker never heard of counts from its first mention.
  public Set<String> lost(Set<String> workers) {
    Set<String> lost = new HashSet<>();
    for (String worker : workers) {
      Sign last = lastSign.computeIfAbsent(worker, _ -> new Sign(round, false));
      if (last.leaving || round - last.round >= ROUNDS) {
        lost.add(worker);
      }
    }
    return lost;
  }
}
