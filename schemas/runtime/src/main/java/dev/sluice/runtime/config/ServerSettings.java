package dev.sluice.runtime.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// The values of `server`, each from the strongest of its sources: option, environment, file.
///
/// @param flat by path below `server`, such as `registry.user`
/// @param effective the same and the defaults, to be shown
record ServerSettings(Settings flat, List<EffectiveValue> effective) {
  private static final String MASK = "********";

  static ServerSettings of(Settings file, ConfigInput input, Problems problems) {
    var values = new LinkedHashMap<String, Entry>();
    flatten("", file, values);
    var effective = new ArrayList<EffectiveValue>();
    ServerKeys.leaves()
        .forEach((path, key) -> {
          String variable = ServerKeys.variable(path);
          String set = input.environment().get(variable);
          if (set != null && !set.isEmpty()) {
            override(path, key, variable, set, problems)
                .ifPresent(entry -> values.put(path, entry));
          }
          String given = input.options().get(path);
          if (given != null) {
            override(path, key, ServerKeys.option(path), given, problems)
                .ifPresent(entry -> values.put(path, entry));
          }
          effective.add(effective(path, key.fallback(), Optional.ofNullable(values.get(path))));
        });
    values.forEach((path, entry) -> {
      if (!ServerKeys.leaves().containsKey(path)) {
        effective.add(effective(path, "", Optional.of(entry)));
      }
    });
    return new ServerSettings(new Settings(file.where(), "server", values), effective);
  }

  private static void flatten(String prefix, Settings section, Map<String, Entry> values) {
    section
        .entries()
        .forEach((name, entry) -> {
          if (entry.value() instanceof Settings inner) {
            flatten(prefix + name + ".", inner, values);
          } else {
            values.put(prefix + name, entry);
          }
        });
  }

  private static Optional<Entry> override(
      String path, Key key, String source, String text, Problems problems) {
    Where where = Where.named(source);
    String full = "server." + path;
    return switch (key.shape()) {
      // The variable is itself the place where the secret may stand.
      case Shape.Reference _ when !SecretSource.isReference(text) ->
          Optional.of(new Entry("${env:" + source + "}", where, full));
      case Shape.Scalar scalar -> scalar(scalar, new Entry(text, where, full), problems);
      case Shape.Many(Shape.Scalar element, _) -> {
        List<Entry> read =
            Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(one -> !one.isEmpty())
                .flatMap(one -> scalar(element, new Entry(one, where, full), problems).stream())
                .toList();
        yield Optional.of(new Entry(read, where, full));
      }
      case Shape.Many _, Shape.Section _, Shape.Open _ -> Optional.empty();
    };
  }

  private static Optional<Entry> scalar(Shape.Scalar shape, Entry written, Problems problems) {
    return switch (ScalarReader.read(shape, written.text())) {
      case ScalarReader.Read.Good(Object value) ->
          Optional.of(new Entry(value, written.where(), written.path()));
      case ScalarReader.Read.Bad(String complaint) -> {
        problems.add(written.where(), written.path(), complaint + serviceLink(written.text()));
        yield Optional.empty();
      }
    };
  }

  /// Kubernetes sets SLUICE_PORT=tcp://… in every pod beside a service named `sluice`.
  private static String serviceLink(String text) {
    return text.startsWith("tcp://")
        ? "; Kubernetes sets this for a service of that name: set enableServiceLinks: false"
        : "";
  }

  private static EffectiveValue effective(String path, String fallback, Optional<Entry> entry) {
    String origin = entry.map(Entry::where).map(Where::toString).orElse("default");
    String value = entry.map(written -> shown(path, written)).orElse(fallback);
    return new EffectiveValue("server." + path, value.isEmpty() ? "none" : value, origin);
  }

  private static String shown(String path, Entry entry) {
    if (entry.value() instanceof List<?>) {
      return Settings.elements(entry).stream()
          .map(element -> element.value().toString())
          .collect(Collectors.joining(", "));
    }
    String text = entry.value().toString();
    return ClientProperties.isSensitive(path) && !SecretSource.isReference(text) ? MASK : text;
  }
}
