package dev.sluice.router.core;

/// Where an attempt goes, and why.
///
/// @param pool pool id
/// @param model name sent to the provider
/// @param policyVersion policy that decided
/// @param reason why this route, in a few words; of a later attempt `fallback`, `retry` or
///   `retry_budget`
/// @param choice how it was chosen
public record Placement(
    String pool, String model, long policyVersion, String reason, RouteChoice choice) {

  /// A placement of which nothing more is told.
  public Placement(String pool, String model, long policyVersion, String reason) {
    this(pool, model, policyVersion, reason, RouteChoice.UNTOLD);
  }

  /// The same place without the story of its choice: what a call needs that outlives its job.
  Placement untold() {
    return choice.equals(RouteChoice.UNTOLD)
        ? this
        : new Placement(pool, model, policyVersion, reason);
  }
}
