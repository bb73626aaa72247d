package dev.sluice.ledgercheck.core;

import java.time.Instant;

/// Ledger F: a process killed or frozen, or a provider that was down.
///
/// @param target `all`, or the name of one process such as `worker-1`
/// @param at when it stopped
/// @param until when it ran again
public record Disturbance(Kind kind, String target, Instant at, Instant until) {

  /// What was done to the process.
  public enum Kind {
    KILL,
    FREEZE,
    /// Every call and probe of one provider is refused.
    OUTAGE
  }

  /// Whether something was done to Sluice itself.
  public boolean hitsSluice() {
    return kind != Kind.OUTAGE;
  }

  /// Whether a provider call can have been orphaned by it: only workers hold calls.
  public boolean hitsWorkers() {
    return target.equals("all") || target.startsWith("worker");
  }

  /// Whether it falls into that time.
  public boolean overlaps(Instant from, Instant to) {
    return !at.isAfter(to) && !until.isBefore(from);
  }
}
