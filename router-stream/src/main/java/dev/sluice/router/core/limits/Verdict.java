package dev.sluice.router.core.limits;

/// What limits say to a job that wants to be admitted.
public sealed interface Verdict {

  /// Room is there, or it can wait for it.
  record Admitted() implements Verdict {}

  /// It does not fit, and must not wait.
  record Refused(Block block) implements Verdict {}

  /// It does not fit, but may run on another model.
  record Downgraded(String model, Block block) implements Verdict {}

  /// Money is limited and a route of its model has no price.
  record Unpriced() implements Verdict {}
}
