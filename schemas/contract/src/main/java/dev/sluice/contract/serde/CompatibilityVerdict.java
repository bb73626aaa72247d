package dev.sluice.contract.serde;

import java.util.List;

/// Whether a schema may become a subject's next version.
///
/// @param messages what stands against it, in the registry's words; may be empty in either case
public record CompatibilityVerdict(boolean compatible, List<String> messages) {
  public CompatibilityVerdict {
    messages = List.copyOf(messages);
  }
}
