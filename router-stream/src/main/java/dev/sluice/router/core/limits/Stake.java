package dev.sluice.router.core.limits;

import java.time.Instant;
import java.util.Optional;

/// A job as its limits see it.
///
/// @param model the one it runs on
/// @param createdAt when it was submitted
/// @param deadline no call begins after it
/// @param startedAt when a worker took it for its first call that was surely made, or for the one
///   that runs
/// @param inFlight whether a worker has its work, or may have
/// @param spent what its answer used; empty when none was delivered
public record Stake(
    String tenant,
    String model,
    Demand demand,
    Instant createdAt,
    Instant deadline,
    Stage stage,
    Optional<Instant> startedAt,
    boolean inFlight,
    Optional<Spent> spent) {

  /// How far it has come.
  public enum Stage {
    /// Never released.
    ADMITTED,
    /// Released, now or before a retry.
    RELEASED,
    ENDED
  }
}
