package dev.sluice.deploy.cli.top;

import java.util.List;
import java.util.Map;

/// What happened between two snapshots, and what is the case at the second.
///
/// @param endedPerSecond jobs, however they ended
/// @param waiting jobs in all queues
/// @param unplaced waiting jobs that no pool can take
public record Reading(
    double admittedPerSecond,
    double endedPerSecond,
    double retriedPerSecond,
    double inputTokensPerSecond,
    double outputTokensPerSecond,
    double chargedUsdPerMinute,
    double owedUsdPerMinute,
    double waiting,
    double unplaced,
    double policyVersion,
    Snapshot.Held held,
    List<Pool> pools) {

  private static final int SECONDS_A_MINUTE = 60;

  /// One pool.
  ///
  /// @param faultShare of these calls that failed by the provider's fault, 0 to 1
  /// @param firstTokenSeconds mean of these calls; 0 without one
  /// @param down workers that do not call it
  /// @param pausedSeconds how long its provider still wants to be left alone
  /// @param stopped `paused` or `draining` where an operator said so; else empty
  public record Pool(
      String name,
      Map<String, Snapshot.Waiting> waiting,
      double slots,
      double inFlight,
      double callsPerSecond,
      double faultShare,
      double firstTokenSeconds,
      double down,
      double pausedSeconds,
      String stopped) {}

  public Reading {
    pools = List.copyOf(pools);
  }

  /// @param seconds between the two, above 0
  public static Reading between(Snapshot before, Snapshot after, double seconds) {
    Rate rate = new Rate(seconds);
    return new Reading(
        rate.of(before.admitted(), after.admitted()),
        rate.of(before.ended(), after.ended()),
        rate.of(before.retried(), after.retried()),
        rate.of(before.inputTokens(), after.inputTokens()),
        rate.of(before.outputTokens(), after.outputTokens()),
        SECONDS_A_MINUTE * rate.of(before.chargedUsd(), after.chargedUsd()),
        SECONDS_A_MINUTE * rate.of(before.owedUsd(), after.owedUsd()),
        after.waiting(),
        after.unplaced(),
        after.policyVersion(),
        after.held(),
        after.pools().stream().map(pool -> pool(before, pool, rate)).toList());
  }

  private static Pool pool(Snapshot before, Snapshot.Pool now, Rate rate) {
    Snapshot.Pool then =
        before.pools().stream()
            .filter(pool -> pool.name().equals(now.name()))
            .findFirst()
            .orElseGet(() -> new Snapshot.Pool(now.name(), Map.of(), 0, 0, 0, 0, 0, 0, 0, 0, ""));
    double calls = rate.of(then.calls(), now.calls());
    double faults = rate.of(then.faults(), now.faults());
    double firstTokens = rate.of(then.firstTokens(), now.firstTokens());
    double waited = rate.of(then.firstTokenSeconds(), now.firstTokenSeconds());
    return new Pool(
        now.name(),
        now.waiting(),
        now.slots(),
        now.inFlight(),
        calls,
        calls > 0 ? Math.min(1, faults / calls) : 0,
        firstTokens > 0 ? waited / firstTokens : 0,
        now.down(),
        now.pausedSeconds(),
        now.stopped());
  }

  private record Rate(double seconds) {
    /// A total that became smaller belongs to a process that began anew.
    double of(double before, double after) {
      return Math.max(0, after - before) / seconds;
    }
  }
}
