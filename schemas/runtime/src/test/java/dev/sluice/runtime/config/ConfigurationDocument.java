package dev.sluice.runtime.config;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Writes the tables of `docs/configuration.md` from the key tables.
final class ConfigurationDocument {
  static final String BEGIN = "<!-- written by the test KeyTableTest from here -->\n";
  static final String END = "<!-- to here -->\n";

  private final StringBuilder out = new StringBuilder();

  static String tables() {
    return new ConfigurationDocument().write();
  }

  private String write() {
    for (Key part : PolicyKeys.ROOT.keys()) {
      boolean server = part.name().equals("server");
      out.append("\n## `")
          .append(part.name())
          .append("`\n\n")
          .append(part.meaning())
          .append("\n\n");
      out.append(
          server
              ? "| Key | Type | Default | Environment | Meaning |\n|---|---|---|---|---|\n"
              : "| Key | Type | Default | Meaning |\n|---|---|---|---|\n");
      rows(part.name(), part.shape(), server);
    }
    out.append("\n## Not enforced by this version\n\n");
    out.append("Refused, so that nobody relies on them:\n\n| Key | Without it being enforced |\n");
    out.append("|---|---|\n");
    refused("", PolicyKeys.ROOT);
    return out.append('\n').toString();
  }

  private void rows(String path, Shape shape, boolean server) {
    switch (shape) {
      case Shape.Section(List<Key> keys, _) -> keys.forEach(key -> row(path, key, server));
      case Shape.Open(List<Key> keys) -> keys.forEach(key -> row(path, key, server));
      case Shape.Many(Shape element, _) -> rows(path + "[]", element, server);
      case Shape.Scalar _ -> {}
    }
  }

  private void row(String path, Key key, boolean server) {
    String full = path + "." + key.name();
    boolean leaf = !type(key.shape()).startsWith("section");
    out.append("| `").append(full).append("` | ").append(type(key.shape())).append(" | ");
    out.append(key.required() ? "required" : leaf ? fallback(key) : "").append(" | ");
    if (server) {
      out.append(leaf ? variable(full) : "").append(" | ");
    }
    out.append(key.meaning()).append(" |\n");
    rows(full, key.shape(), server);
  }

  private static String variable(String full) {
    return "`" + ServerKeys.variable(full.substring("server.".length())) + "`";
  }

  private static String fallback(Key key) {
    return key.fallback().isEmpty()
        ? "none"
        : Literals.isLiteral(key) ? "`" + key.fallback() + "`" : key.fallback();
  }

  private void refused(String path, Shape shape) {
    switch (shape) {
      case Shape.Section(List<Key> keys, Map<String, String> refused) -> {
        new TreeMap<>(refused)
            .forEach((name, why) ->
                out.append("| `")
                    .append(path)
                    .append(name)
                    .append("` | ")
                    .append(why)
                    .append(" |\n"));
        keys.forEach(key -> refused(path + key.name() + ".", key.shape()));
      }
      case Shape.Many(Shape element, _) -> refused(path.replaceFirst("\\.$", "[]."), element);
      case Shape.Open _, Shape.Scalar _ -> {}
    }
  }

  private static String type(Shape shape) {
    return switch (shape) {
      case Shape.Text(_, String expected) -> expected;
      case Shape.Flag _ -> "true or false";
      case Shape.Whole(long min, long max) -> "whole number, " + min + " to " + max;
      case Shape.Usd _ -> "exact decimal, at most 6 places";
      case Shape.Ratio _ -> "0 to 1, at most 6 places";
      case Shape.Span(var min, var max) -> "ISO-8601 duration, " + min + " to " + max;
      case Shape.Url _ -> "http or https URL";
      case Shape.Choice(List<String> values, _) ->
          values.stream().map(value -> "`" + value + "`").collect(Collectors.joining(", "));
      case Shape.Reference _ -> "`${env:NAME}` or `${file:path}`";
      case Shape.Moment _ -> "date or instant";
      case Shape.Network _ -> "network, CIDR";
      case Shape.Many(Shape.Scalar element, _) -> "list of " + type(element);
      case Shape.Many _ -> "section, list of";
      case Shape.Section _ -> "section";
      case Shape.Open _ -> "section, open";
    };
  }
}
