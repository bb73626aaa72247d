package dev.sluice.contract.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which of a tenant's limits a name is of. Where one value of a tag has a limit of its own, that
/// is it, and not the one over the same unit and time that each value has for itself.
public final class LimitNames {
  private final Map<String, Limit> own = new HashMap<>();
  private final List<ByValue> byValue = new ArrayList<>();

  /// A limit that each value of a tag has for itself: its names differ between these.
  private record ByValue(String prefix, String suffix, Limit limit) {
    static ByValue of(Limit limit) {
      String tag = limit.part().key();
      return new ByValue(tag + "=", limit.key().substring(tag.length()), limit);
    }
  }

  /// @param limits of one tenant
  public LimitNames(List<Limit> limits) {
    for (Limit limit : limits) {
      if (limit.part().byValue()) {
        byValue.add(ByValue.of(limit));
      } else {
        own.putIfAbsent(limit.key(), limit);
      }
    }
  }

  /// The limit of a name; empty where none has it.
  public Optional<Limit> of(String name) {
    Limit named = own.get(name);
    if (named != null) {
      return Optional.of(named);
    }
    for (ByValue limit : byValue) {
      if (name.startsWith(limit.prefix) && name.endsWith(limit.suffix)) {
        return Optional.of(limit.limit);
      }
    }
    return Optional.empty();
  }
}
