package dev.sluice.router.core.limits;

import java.util.Map;

/// What the log keeps of a tenant's use, when the jobs that used it are forgotten.
///
/// @param sequence of the last answer that is in it
/// @param uses by the limit's name, then by the first millisecond of a stretch of time
public record Image(String tenant, long sequence, Map<String, Map<Long, Long>> uses) {
  public Image {
    uses = Map.copyOf(uses);
  }
}
