package dev.sluice.router.core.limits;

import java.util.Map;

/// What the log keeps of what one value of a tag has used of a limit that each value has for
/// itself. There may be as many as a tenant has users, so each is a record of its own.
///
/// @param limit names the tenant, the limit and the value
/// @param sequence of the last answer that is in it
/// @param uses by the first millisecond of a stretch of time
/// @param told the highest fraction of a budget that was told, millionths, in the same way
public record ValueImage(
    NamedLimit limit, long sequence, Map<Long, Long> uses, Map<Long, Long> told) {
  public ValueImage {
    uses = Map.copyOf(uses);
    told = Map.copyOf(told);
  }
}
