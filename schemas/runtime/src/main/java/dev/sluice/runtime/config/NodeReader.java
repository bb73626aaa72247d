package dev.sluice.runtime.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/// Reads YAML nodes against a [Shape] and reports every place where they differ. It goes over
/// nodes, not over values, because only nodes know their line and column. For one thread.
final class NodeReader {
  private static final int MAX_DEPTH = 12;

  private final String file;
  private final Problems problems;

  NodeReader(String file, Problems problems) {
    this.file = file;
    this.problems = problems;
  }

  /// The values of a whole file; only those that have their shape.
  Settings root(Node node, Shape.Section root) {
    if (node instanceof MappingNode map) {
      return section(map, "", root);
    }
    if (!isNothing(node)) {
      problems.add(
          where(node),
          "syntax",
          "expected the keys of a configuration, such as \"tenants:\", found " + kind(node));
    }
    return Settings.empty(where(node));
  }

  private Optional<Entry> value(Node node, String path, Shape shape) {
    return switch (shape) {
      case Shape.Section section ->
          node instanceof MappingNode map
              ? entry(node, path, section(map, path, section))
              : wrong(node, path, "a section with keys");
      case Shape.Open(List<Key> keys) ->
          node instanceof MappingNode map
              ? entry(node, path, open(map, path, keys))
              : wrong(node, path, "a section with keys");
      case Shape.Many many ->
          node instanceof SequenceNode sequence
              ? list(sequence, path, many)
              : wrong(node, path, "a list, each element after \"- \"");
      case Shape.Scalar scalar ->
          node instanceof ScalarNode one
              ? scalar(one, path, scalar)
              : wrong(node, path, "one value");
    };
  }

  private Settings section(MappingNode map, String path, Shape.Section shape) {
    var known = new LinkedHashMap<String, Key>();
    shape.keys().forEach(key -> known.put(key.name(), key));
    var read = new LinkedHashMap<String, Entry>();
    Map<String, Node> written = written(map, path);
    written.forEach((name, value) -> {
      Key key = known.get(name);
      if (key != null) {
        value(value, below(path, name), key.shape()).ifPresent(found -> read.put(name, found));
      }
    });
    for (NodeTuple tuple : map.getValue()) {
      String name = name(tuple);
      if (!known.containsKey(name)) {
        problems.add(
            where(tuple.getKeyNode()),
            below(path, name),
            unknown(path, name, known, shape.refused()));
      }
    }
    for (Key key : shape.keys()) {
      if (key.required() && !written.containsKey(key.name())) {
        problems.add(where(map), below(path, key.name()), "is required; add it: " + key.meaning());
      }
    }
    return new Settings(where(map), path, read);
  }

  private static String unknown(
      String path, String name, Map<String, Key> known, Map<String, String> refused) {
    String why = refused.get(name);
    if (why != null) {
      return "is not enforced by this version (" + why + "); remove it";
    }
    boolean ofServer =
        path.isEmpty() && ServerKeys.SECTION.keys().stream().anyMatch(k -> k.name().equals(name));
    return ofServer
        ? "unknown key; it belongs below \"server:\""
        : "unknown key; " + NearMiss.hint(name, known.keySet(), "keys");
  }

  /// The values by key. A key that is written again is reported and its later value left out.
  private Map<String, Node> written(MappingNode map, String path) {
    var first = new LinkedHashMap<String, NodeTuple>();
    for (NodeTuple tuple : map.getValue()) {
      String name = name(tuple);
      NodeTuple earlier = first.putIfAbsent(name, tuple);
      if (earlier != null) {
        problems.add(
            where(tuple.getKeyNode()),
            below(path, name),
            "written twice, first in line " + where(earlier.getKeyNode()).line() + "; keep one");
      }
    }
    var values = new LinkedHashMap<String, Node>();
    first.forEach((name, tuple) -> values.put(name, tuple.getValueNode()));
    return values;
  }

  private Settings open(MappingNode map, String path, List<Key> keys) {
    var read = new LinkedHashMap<String, Entry>();
    flatten(map, path, "", keys, read, 0);
    return new Settings(where(map), path, read);
  }

  private void flatten(
      MappingNode map,
      String path,
      String prefix,
      List<Key> keys,
      Map<String, Entry> read,
      int depth) {
    written(map, below(path, prefix))
        .forEach((name, node) -> {
          String full = below(prefix, name);
          Optional<Key> own = keys.stream().filter(key -> key.name().equals(full)).findFirst();
          if (own.isPresent()) {
            value(node, below(path, full), own.get().shape())
                .ifPresent(found -> read.put(full, found));
          } else if (node instanceof MappingNode inner && depth < MAX_DEPTH) {
            flatten(inner, path, full, keys, read, depth + 1);
          } else if (node instanceof ScalarNode scalar && !isNothing(node)) {
            read.put(full, new Entry(scalar.getValue(), where(node), below(path, full)));
          } else {
            wrong(node, below(path, full), "one value");
          }
        });
  }

  private Optional<Entry> list(SequenceNode sequence, String path, Shape.Many many) {
    var read = new ArrayList<Entry>();
    int index = 0;
    for (Node element : sequence.getValue()) {
      value(element, path + "[" + index++ + "]", many.element()).ifPresent(read::add);
    }
    if (index < many.min()) {
      problems.add(where(sequence), path, "the list is empty; write at least one element");
      return Optional.empty();
    }
    return entry(sequence, path, read);
  }

  private Optional<Entry> scalar(ScalarNode node, String path, Shape.Scalar shape) {
    String mistake = mistakenType(node, shape);
    if (mistake != null) {
      problems.add(where(node), path, mistake);
      return Optional.empty();
    }
    return switch (ScalarReader.read(shape, node.getValue())) {
      case ScalarReader.Read.Good(Object value) -> entry(node, path, value);
      case ScalarReader.Read.Bad(String complaint) -> {
        problems.add(where(node), path, complaint);
        yield Optional.empty();
      }
    };
  }

  private static @Nullable String mistakenType(ScalarNode node, Shape.Scalar shape) {
    if (isNothing(node)) {
      return "has no value; write one or remove the key";
    }
    boolean isText = node.getTag().equals(Tag.STR);
    boolean wantsText =
        !(shape instanceof Shape.Flag
            || shape instanceof Shape.Whole
            || shape instanceof Shape.Usd
            || shape instanceof Shape.Ratio
            || shape instanceof Shape.Span
            || shape instanceof Shape.Reference);
    if (wantsText && !isText) {
      return "expected text, found " + node.getValue() + "; put it in quotes";
    }
    boolean unquotes =
        !wantsText
            && !node.isPlain()
            && (shape instanceof Shape.Flag
                || shape instanceof Shape.Whole
                || shape instanceof Shape.Usd
                || shape instanceof Shape.Ratio);
    return unquotes && isText
        ? "expected a plain value, found text; remove the quotes around "
            + ScalarReader.quoted(node.getValue())
        : null;
  }

  private Optional<Entry> wrong(Node node, String path, String wanted) {
    problems.add(
        where(node),
        path,
        isNothing(node)
            ? "has no value; write one or remove the key"
            : "expected " + wanted + ", found " + kind(node));
    return Optional.empty();
  }

  private static String kind(Node node) {
    return switch (node) {
      case MappingNode _ -> "a section with keys";
      case SequenceNode _ -> "a list";
      default -> "one value";
    };
  }

  private static boolean isNothing(Node node) {
    return node instanceof ScalarNode && node.getTag().equals(Tag.NULL);
  }

  private Optional<Entry> entry(Node node, String path, Object value) {
    return Optional.of(new Entry(value, where(node), path));
  }

  private static String name(NodeTuple tuple) {
    return tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "(not a name)";
  }

  private static String below(String path, String name) {
    return path.isEmpty() ? name : name.isEmpty() ? path : path + "." + name;
  }

  private Where where(Node node) {
    return node.getStartMark().map(this::where).orElse(new Where(file, 1, 1));
  }

  private Where where(Mark mark) {
    return new Where(file, mark.getLine() + 1, mark.getColumn() + 1);
  }
}
