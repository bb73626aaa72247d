package dev.sluice.router.core;

import java.util.List;
import java.util.Optional;

/// How a route was chosen, for whoever asks why.
///
/// @param policy way of routing, such as `weighted`; empty when nothing is told
/// @param variant name of the route in a comparison
/// @param rejected routes that could have been taken and were not, in the plan's order; a draw by
///   weight rejects only those that may not be used
public record RouteChoice(String policy, Optional<String> variant, List<Rejected> rejected) {

  public static final RouteChoice UNTOLD = new RouteChoice("", Optional.empty(), List.of());

  public RouteChoice {
    rejected = List.copyOf(rejected);
  }

  /// A route that was not taken.
  ///
  /// @param model name at the provider
  /// @param why for people
  public record Rejected(String pool, String model, String why) {}
}
