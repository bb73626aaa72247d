package dev.sluice.runtime.policy;

import dev.sluice.contract.codec.PolicyDocument;
import dev.sluice.contract.model.Policy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// One difference between two policies, in the names of the configuration file. What has an id is
/// found by it, wherever it stands; all else of a list by its place.
///
/// @param path such as `models[fast].routes[0].weight`
/// @param before as JSON; empty when it is new
/// @param after as JSON; empty when it goes
public record PolicyChange(String path, Optional<String> before, Optional<String> after) {

  /// All differences, in the order of the document.
  public static List<PolicyChange> between(Policy before, Policy after) {
    List<PolicyChange> changes = new ArrayList<>();
    compare("", tree(before), tree(after), changes);
    return changes;
  }

  private static JsonNode tree(Policy policy) {
    return JsonMapper.shared().readTree(PolicyDocument.write(policy));
  }

  private static void compare(
      String path, JsonNode before, JsonNode after, List<PolicyChange> changes) {
    boolean whole = before.isContainer() && after.isContainer();
    if (!whole || before.isArray() != after.isArray()) {
      if (!before.equals(after)) {
        changes.add(new PolicyChange(path, text(before), text(after)));
      }
      return;
    }
    Map<String, JsonNode> were = members(before);
    Map<String, JsonNode> are = members(after);
    Set<String> names = new LinkedHashSet<>(were.keySet());
    names.addAll(are.keySet());
    for (String name : names) {
      JsonNode none = JsonMapper.shared().missingNode();
      JsonNode was = were.getOrDefault(name, none);
      JsonNode is = are.getOrDefault(name, none);
      // Which format a document has follows from what it says.
      if (!(path.isEmpty() && name.equals("format"))) {
        compare(below(path, name, before.isArray()), was, is, changes);
      }
    }
  }

  private static String below(String path, String name, boolean element) {
    if (element) {
      return path + "[" + name + "]";
    }
    return path.isEmpty() ? name : path + "." + name;
  }

  private static Optional<String> text(JsonNode node) {
    return node.isMissingNode() ? Optional.empty() : Optional.of(node.toString());
  }

  private static Map<String, JsonNode> members(JsonNode container) {
    Map<String, JsonNode> members = new LinkedHashMap<>();
    if (container.isObject()) {
      container.properties().forEach(entry -> members.put(entry.getKey(), entry.getValue()));
    } else {
      int place = 0;
      for (JsonNode element : container.values()) {
        members.put(name(element).orElse(Integer.toString(place)), element);
        place++;
      }
    }
    return members;
  }

  /// What an element is known by: its id, or of a price what is priced and from when.
  private static Optional<String> name(JsonNode element) {
    if (element.path("id").isString()) {
      return Optional.of(element.path("id").stringValue());
    }
    return element.has("from")
        ? Optional.of(
            String.join(
                " ",
                Stream.of("pool", "model", "from")
                    .map(key -> element.path(key).asString())
                    .toList()))
        : Optional.empty();
  }

  /// One line: `+` what comes, `-` what goes, `~` what changes.
  @Override
  public String toString() {
    if (before.isEmpty()) {
      return "+ " + path + ": " + after.orElse("");
    }
    return after
        .map(now -> "~ " + path + ": " + before.get() + " -> " + now)
        .orElseGet(() -> "- " + path + ": " + before.get());
  }
}
