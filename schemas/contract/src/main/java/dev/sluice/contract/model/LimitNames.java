package dev.sluice.contract.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which of a tenant's limits a name is of. Where one value of a tag has a limit of its own, that
/// is it, and not the one over the same unit and time that each value has for itself. Of two limits
/// with one name the smaller holds.
public final class LimitNames {
  private final List<Limit> distinct;
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
    Map<String, Limit> byKey = new LinkedHashMap<>();
    limits.forEach(limit -> byKey.merge(limit.key(), limit, LimitNames::smaller));
    distinct = List.copyOf(byKey.values());
    byKey.forEach((key, limit) -> {
      if (limit.part().byValue()) {
        byValue.add(ByValue.of(limit));
      } else {
        own.put(key, limit);
      }
    });
  }

  private static Limit smaller(Limit one, Limit other) {
    return other.amount() < one.amount() ? other : one;
  }

  /// The limits, in their order, each name once.
  public List<Limit> distinct() {
    return distinct;
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
