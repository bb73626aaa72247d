package dev.sluice.ingress.core;

import java.util.List;

/// Why a job goes where it goes, as its router told.
///
/// @param policy way of routing, such as `weighted`; empty while no route could be taken
/// @param version policy that decided; 0 when none has
/// @param reason why this route; empty when nothing is told
/// @param variant name of the route in a comparison; empty for none
/// @param rejected routes that were not taken
public record RouteChoice(
    String policy, long version, String reason, String variant, List<Rejected> rejected) {
  public static final RouteChoice UNTOLD = new RouteChoice("", 0, "", "", List.of());

  public RouteChoice {
    rejected = List.copyOf(rejected);
  }

  /// @param model name at the provider
  /// @param why for people
  public record Rejected(String pool, String model, String why) {}
}
