package dev.sluice.contract.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The limits of keys, teams and tags before which a job stands, as one name: jobs of a tenant with
/// the same lane are held back by the same limits.
public final class LimitLane {

  private LimitLane() {}

  /// @param limits of the tenant, in their order
  /// @param keyId of the API key that submitted the job; empty when none did
  public static String of(List<Limit> limits, String keyId, Map<String, String> tags) {
    LimitNames names = new LimitNames(limits);
    StringBuilder lane = new StringBuilder();
    for (Limit limit : limits) {
      meter(limit, keyId, tags)
          .filter(name -> names.of(name).filter(limit::equals).isPresent())
          .ifPresent(name -> lane.append(name).append(' '));
    }
    return lane.toString();
  }

  /// The name under which a limit counts a job; empty where it does not, or counts all jobs.
  private static Optional<String> meter(Limit limit, String keyId, Map<String, String> tags) {
    return switch (limit.part()) {
      case Limit.Part.Whole _ -> Optional.empty();
      case Limit.Part.Team team ->
          team.keys().contains(keyId) ? Optional.of(limit.key()) : Optional.empty();
      case Limit.Part.Key key ->
          key.id().equals(keyId) ? Optional.of(limit.key()) : Optional.empty();
      case Limit.Part.Tag tag -> {
        String value = tags.get(tag.name());
        if (value == null || !tag.value().orElse(value).equals(value)) {
          yield Optional.empty();
        }
        yield Optional.of(
            tag.value().isPresent() ? limit.key() : limit.keyOf(tag.key() + "=" + value));
      }
    };
  }
}
