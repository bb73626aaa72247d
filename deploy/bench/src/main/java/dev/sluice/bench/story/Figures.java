package dev.sluice.bench.story;

import java.util.LinkedHashMap;
import java.util.Map;

/// What a telling has shown: figures by name, units within the name, in the order of the page. For
/// one thread.
public final class Figures {
  private final Map<String, Double> byName = new LinkedHashMap<>();

  void put(String name, double value) {
    byName.put(name, value);
  }

  void put(String name, long count) {
    byName.put(name, (double) count);
  }

  public Map<String, Double> all() {
    return byName;
  }

  /// Whether a figure is what a story expects; one that was not measured is not.
  public boolean meets(Story.Expected expected) {
    Double value = byName.get(expected.figure());
    return value != null && expected.holds(value);
  }
}
