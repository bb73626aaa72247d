package dev.sluice.runtime.config;

import dev.sluice.contract.model.Policy;
import java.util.List;

/// A configuration without an error.
///
/// @param policy of the file, version 0; [Policy#EMPTY] without a file. It is in force only once it
///   has been published
/// @param effective every value of `server`, with its origin
/// @param notes what its reader should know
public record Configuration(
    ServerConfig server, Policy policy, List<EffectiveValue> effective, List<Problem> notes) {

  public Configuration {
    effective = List.copyOf(effective);
    notes = List.copyOf(notes);
  }
}
