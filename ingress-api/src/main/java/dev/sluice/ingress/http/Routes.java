package dev.sluice.ingress.http;

import io.undertow.util.HttpString;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Every route, matched on the raw path: what is not exactly one of these is not served. Immutable
/// after it was built.
final class Routes {

  /// The answer to a look-up.
  sealed interface Match {
    /// @param variable the path's variable part, empty when it has none
    record Found(Route route, String variable) implements Match {}

    record WrongMethod(Surface surface, String allow) implements Match {}

    record Unknown() implements Match {}
  }

  /// @param before of the variable part; the whole path when `after` is null
  private record Pattern(String before, @Nullable String after, List<Route> routes) {
    @Nullable String variableOf(String path) {
      if (after == null) {
        return path.equals(before) ? "" : null;
      }
      if (path.length() <= before.length() + after.length()
          || !path.startsWith(before)
          || !path.endsWith(after)) {
        return null;
      }
      String variable = path.substring(before.length(), path.length() - after.length());
      return variable.indexOf('/') < 0 ? variable : null;
    }
  }

  private final List<Pattern> patterns = new ArrayList<>();

  /// @param path may hold one `{}`
  /// @param routes none where a path is not served that a later one with `{}` would match
  Routes add(String path, Route... routes) {
    int variable = path.indexOf("{}");
    patterns.add(
        variable < 0
            ? new Pattern(path, null, List.of(routes))
            : new Pattern(
                path.substring(0, variable), path.substring(variable + 2), List.of(routes)));
    return this;
  }

  Match find(HttpString method, String path) {
    for (Pattern pattern : patterns) {
      String variable = pattern.variableOf(path);
      if (variable == null) {
        continue;
      }
      if (pattern.routes().isEmpty()) {
        return new Match.Unknown();
      }
      for (Route route : pattern.routes()) {
        if (route.method().equals(method)) {
          return new Match.Found(route, variable);
        }
      }
      return new Match.WrongMethod(
          pattern.routes().getFirst().surface(),
          pattern.routes().stream()
              .map(route -> route.method().toString())
              .collect(Collectors.joining(", ")));
    }
    return new Match.Unknown();
  }
}
