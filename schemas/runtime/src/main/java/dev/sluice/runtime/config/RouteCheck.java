package dev.sluice.runtime.config;

import dev.sluice.runtime.condition.Condition;
import dev.sluice.runtime.condition.ConditionOutcome;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Checks what bounds routes: conditions that compile, regions that exist, ways of routing that
/// have what they go by. For one thread.
final class RouteCheck {
  private final Problems problems;

  RouteCheck(Problems problems) {
    this.problems = problems;
  }

  void check(Settings root) {
    Set<String> regions =
        root.sections("pools").stream()
            .flatMap(pool -> pool.text("region").stream())
            .collect(Collectors.toCollection(TreeSet::new));
    for (Settings tenant : root.sections("tenants")) {
      tenant
          .entry("residency")
          .filter(residency -> !regions.contains(residency.text()))
          .ifPresent(residency ->
              add(
                  residency,
                  "no pool is in the region "
                      + ScalarReader.quoted(residency.text())
                      + ", so no job of the tenant could run; "
                      + NearMiss.hint(residency.text(), regions, "regions")));
    }
    for (Settings model : root.sections("models")) {
      model.sections("routes").forEach(route -> condition(route.entry("when")));
      model.sections("fallback").forEach(next -> condition(next.entry("if")));
      model.sections("shadow").forEach(shadow -> condition(shadow.entry("if")));
      prices(model, root.sections("prices"));
    }
  }

  private void condition(Optional<Entry> written) {
    if (written.isPresent()
        && Condition.compile(written.get().text()) instanceof ConditionOutcome.Refused(var flaws)) {
      add(
          written.get(),
          "is no condition, "
              + flaws.stream().map(Object::toString).collect(Collectors.joining("; "))
              + "; a condition is true or false and knows model, tenant, endpoint, priority,"
              + " session, stream, tags, headers, input_tokens, estimated_tokens, hour(zone) and"
              + " weekday(zone)");
    }
  }

  /// Reports a plan that goes by prices of which there are none.
  private void prices(Settings model, List<Settings> prices) {
    Set<String> priced =
        prices.stream().flatMap(price -> price.text("pool").stream()).collect(Collectors.toSet());
    model
        .entry("policy")
        .filter(policy -> policy.text().equals("cheapest"))
        .filter(_ -> pools(model).noneMatch(priced::contains))
        .ifPresent(policy ->
            add(policy, "no route of the model has a price to go by; add some below prices"));
  }

  private static Stream<String> pools(Settings model) {
    return model.sections("routes").stream().flatMap(route -> route.text("pool").stream());
  }

  private void add(Entry entry, String text) {
    problems.add(entry.where(), entry.path(), text);
  }
}
