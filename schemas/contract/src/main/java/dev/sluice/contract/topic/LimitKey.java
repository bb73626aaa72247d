package dev.sluice.contract.topic;

import java.util.Optional;

/// The record key under which a router task tells of one limit of a tenant: `tenant|task|limit`.
///
/// @param task number of the task, that of its partition
/// @param limit its name and whose it is
public record LimitKey(String tenant, int task, String limit) {
  public String text() {
    return tenant + "|" + task + "|" + limit;
  }

  /// Empty for a key of another form.
  public static Optional<LimitKey> parse(String text) {
    String[] parts = text.split("\\|", 3);
    try {
      return parts.length < 3
          ? Optional.empty()
          : Optional.of(new LimitKey(parts[0], Integer.parseInt(parts[1]), parts[2]));
    } catch (NumberFormatException _) {
      return Optional.empty();
    }
  }
}
