package dev.sluice.runtime.config;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.TokenKind;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Checks prices against each other and against the routes that they are for. For one thread.
final class PriceCheck {
  private static final String ANY = "*";

  private final Policy policy;
  private final Problems problems;

  PriceCheck(Policy policy, Problems problems) {
    this.policy = policy;
    this.problems = problems;
  }

  void prices(List<Settings> prices) {
    var known = new HashMap<List<Object>, Entry>();
    for (Settings price : prices) {
      once(known, price);
      boolean any =
          Arrays.stream(TokenKind.values()).anyMatch(kind -> price.entry(kind.key()).isPresent());
      boolean reported =
          problems.errors().stream().anyMatch(p -> p.path().startsWith(price.path() + "."));
      if (!any && !reported) {
        problems.add(
            price.where(),
            price.path(),
            "prices nothing; add at least input and output, USD per million tokens");
      }
      price
          .entry("model")
          .filter(model -> !routed(price.text("pool").orElse(""), model.text()))
          .ifPresent(model ->
              problems.note(
                  model.where(),
                  model.path(),
                  "no route sends "
                      + ScalarReader.quoted(model.text())
                      + " to this pool, so the price is not used; check the name"));
    }
  }

  /// Whether some plan can send a model name to a pool.
  private boolean routed(String pool, String model) {
    return policy.models().values().stream()
        .flatMap(plan ->
            Stream.of(
                    plan.routes().stream().map(r -> List.of(r.pool(), r.model())),
                    plan.fallback().stream().map(f -> List.of(f.pool(), f.model())),
                    plan.shadow().stream().map(copy -> List.of(copy.pool(), copy.model())))
                .flatMap(way -> way))
        .anyMatch(to ->
            to.getFirst().equals(pool)
                && (model.equals(ANY) || to.getLast().equals(ANY) || to.getLast().equals(model)));
  }

  /// Notes the routes whose use will be counted without an amount.
  void unpriced(List<Settings> models) {
    for (Settings plan : models) {
      Stream.of("routes", "fallback", "shadow")
          .flatMap(ways -> plan.sections(ways).stream())
          .filter(route -> policy.pool(route.text("pool").orElse("")).isPresent())
          .filter(route -> !priced(route))
          .forEach(route ->
              route
                  .entry("model")
                  .ifPresent(model ->
                      problems.note(
                          model.where(),
                          model.path(),
                          "has no price, so its cost rows will say unpriced; add one below"
                              + " prices")));
    }
  }

  private boolean priced(Settings route) {
    String pool = route.text("pool").orElse("");
    String model = route.text("model").orElse("");
    return policy.prices().stream()
        .anyMatch(price ->
            price.pool().equals(pool)
                && (price.model().equals(ANY) || price.model().equals(model)));
  }

  /// Reports a price of the same pool, model and instant as an earlier one.
  private void once(Map<List<Object>, Entry> known, Settings price) {
    boolean whole = Stream.of("pool", "model", "from").allMatch(k -> price.entry(k).isPresent());
    if (!whole) {
      return;
    }
    Entry model = price.entry("model").orElseThrow();
    Entry earlier =
        known.putIfAbsent(
            List.of(price.text("pool"), model.text(), price.moment("from").orElseThrow()), model);
    if (earlier != null) {
      problems.add(
          model.where(),
          model.path(),
          "has a price from the same day in line " + earlier.where().line() + "; keep one of them");
    }
  }
}
