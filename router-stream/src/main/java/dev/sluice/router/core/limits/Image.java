package dev.sluice.router.core.limits;

import java.util.Map;

/// What the log keeps of a tenant's use, when the jobs that used it are forgotten.
///
/// @param sequence of the last answer that is in it
/// @param uses by the limit's name, then by the first millisecond of a stretch of time
/// @param told the highest fraction of a budget that was told, millionths, in the same way
/// @param learnt the last answer that corrections know of
/// @param corrections what prompts come to as multiples of their estimates, by model
public record Image(
    String tenant,
    long sequence,
    Map<String, Map<Long, Long>> uses,
    Map<String, Map<Long, Long>> told,
    long learnt,
    Map<String, Double> corrections) {
  public Image {
    uses = Map.copyOf(uses);
    told = Map.copyOf(told);
    corrections = Map.copyOf(corrections);
  }

  /// Nothing yet.
  static Image none(String tenant) {
    return new Image(tenant, 0, Map.of(), Map.of(), 0, Map.of());
  }
}
