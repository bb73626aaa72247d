package dev.sluice.ingress.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// What costs are summed by: for each name that was asked for the value that all rows of one sum
/// share.
public record CostGroup(List<Value> values) implements Comparable<CostGroup> {

  public CostGroup {
    values = List.copyOf(values);
  }

  /// One value of a group.
  public sealed interface Value {
    /// @param text empty where a row has none
    record Text(String text) implements Value {}

    /// All tags of a row: rows with other tags, or more of them, are another group.
    record Tags(SortedMap<String, String> tags) implements Value {}
  }

  /// The names of a list such as `tenant,model,tag.team`; empty when one of them is unknown.
  public static Optional<List<String>> names(String text) {
    List<String> names = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      String name = part.strip();
      boolean known =
          switch (name) {
            case "tenant", "model", "key", "tag" -> true;
            default -> name.startsWith("tag.") && name.length() > 4;
          };
      if (!known || names.contains(name)) {
        return Optional.empty();
      }
      names.add(name);
    }
    return Optional.of(List.copyOf(names));
  }

  /// The group of a row.
  public static CostGroup of(
      List<String> names, String tenant, String model, String key, Map<String, String> tags) {
    return new CostGroup(
        names.stream().map(name -> value(name, tenant, model, key, tags)).toList());
  }

  private static Value value(
      String name, String tenant, String model, String key, Map<String, String> tags) {
    return switch (name) {
      case "tenant" -> new Value.Text(tenant);
      case "model" -> new Value.Text(model);
      case "key" -> new Value.Text(key);
      case "tag" -> new Value.Tags(new TreeMap<>(tags));
      default -> new Value.Text(tags.getOrDefault(name.substring(4), ""));
    };
  }

  @Override
  public int compareTo(CostGroup other) {
    for (int i = 0; i < values.size(); i++) {
      int order = text(values.get(i)).compareTo(text(other.values.get(i)));
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  private static String text(Value value) {
    return switch (value) {
      case Value.Text(String text) -> text;
      case Value.Tags(SortedMap<String, String> tags) -> tags.isEmpty() ? "" : tags.toString();
    };
  }
}
