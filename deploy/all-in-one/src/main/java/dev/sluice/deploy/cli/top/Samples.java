package dev.sluice.deploy.cli.top;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/// Metrics of one or several processes, read from Prometheus's text format.
public record Samples(List<Sample> all) {
  private static final Pattern LINE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)\\})?\\s+(\\S+)(?:\\s+\\d+)?");
  private static final Pattern LABEL =
      Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\.)*)\"");

  /// One value of one series.
  public record Sample(String name, Map<String, String> labels, double value) {
    private boolean has(Map<String, String> wanted) {
      return labels.entrySet().containsAll(wanted.entrySet());
    }
  }

  public Samples {
    all = List.copyOf(all);
  }

  /// Reads one answer of `/metrics`; lines that are no samples are passed over.
  public static Samples parse(String text) {
    List<Sample> found = new ArrayList<>();
    text.lines()
        .filter(line -> !line.startsWith("#"))
        .map(LINE::matcher)
        .filter(Matcher::matches)
        .forEach(line -> {
          double value = number(line.group(3));
          if (Double.isFinite(value)) {
            found.add(new Sample(line.group(1), labels(line.group(2)), value));
          }
        });
    return new Samples(found);
  }

  /// The metrics of several processes as those of one.
  public static Samples together(List<Samples> processes) {
    return new Samples(processes.stream().flatMap(one -> one.all.stream()).toList());
  }

  private static double number(String text) {
    try {
      return Double.parseDouble(text.replace("Inf", "Infinity"));
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  private static Map<String, String> labels(String text) {
    Map<String, String> labels = new HashMap<>();
    if (text != null) {
      Matcher label = LABEL.matcher(text);
      while (label.find()) {
        labels.put(label.group(1), label.group(2).replace("\\\"", "\"").replace("\\\\", "\\"));
      }
    }
    return labels;
  }

  double sum(String name) {
    return sum(name, Map.of());
  }

  double sum(String name, Map<String, String> labels) {
    return of(name, labels).sum();
  }

  double max(String name, Map<String, String> labels) {
    return of(name, labels).max().orElse(0);
  }

  private DoubleStream of(String name, Map<String, String> labels) {
    return named(name).filter(one -> one.has(labels)).mapToDouble(Sample::value);
  }

  private Stream<Sample> named(String name) {
    return all.stream().filter(one -> one.name.equals(name));
  }

  /// Values that a label has under any of these names, sorted.
  List<String> values(String label, String... names) {
    TreeSet<String> found = new TreeSet<>();
    for (String name : names) {
      named(name).map(one -> one.labels.get(label)).filter(one -> one != null).forEach(found::add);
    }
    return List.copyOf(found);
  }
}
