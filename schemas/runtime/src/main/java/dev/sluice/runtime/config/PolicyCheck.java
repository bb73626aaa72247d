package dev.sluice.runtime.config;

import dev.sluice.contract.model.Policy;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Checks what concerns several values of the policy part: names that must be there or must differ,
/// keys that belong together. For one thread.
final class PolicyCheck {
  private final Problems problems;
  private final Set<String> poolIds = new TreeSet<>();

  private PolicyCheck(Problems problems) {
    this.problems = problems;
  }

  static void check(Settings root, Policy policy, Problems problems) {
    var check = new PolicyCheck(problems);
    root.sections("pools").forEach(pool -> pool.text("id").ifPresent(check.poolIds::add));
    check.tenants(root.sections("tenants"), new LimitCheck(policy, problems));
    check.pools(root.sections("pools"));
    check.models(root.sections("models"));
    root.sections("prices").forEach(check::poolExists);
    new RouteCheck(problems).check(root);
    var prices = new PriceCheck(policy, problems);
    prices.prices(root.sections("prices"));
    prices.unpriced(root.sections("models"));
  }

  private void tenants(List<Settings> tenants, LimitCheck limits) {
    distinct(tenants, "tenant");
    var secrets = new HashMap<String, Entry>();
    for (Settings tenant : tenants) {
      distinct(tenant.sections("keys"), "key");
      distinct(tenant.sections("teams"), "team");
      limits.check(tenant);
      for (Settings key : tenant.sections("keys")) {
        key.entry("secret")
            .ifPresent(secret ->
                first(secrets, secret.text(), secret)
                    .ifPresent(earlier ->
                        add(
                            secret,
                            "is already the secret of the key in line "
                                + earlier.where().line()
                                + "; a caller could be either, so give each its own")));
      }
    }
  }

  private void pools(List<Settings> pools) {
    distinct(pools, "pool");
    for (Settings pool : pools) {
      Optional<String> provider = pool.text("provider");
      if (provider.equals(Optional.of("simulated"))) {
        for (String key : List.of("base_url", "endpoints", "api_key", "affinity")) {
          pool.entry(key)
              .ifPresent(entry -> add(entry, "a simulated pool calls nobody; remove it"));
        }
      } else if (provider.isPresent()) {
        endpoints(pool, provider.get().equals("openai-compatible"));
        pool.entry("simulation")
            .ifPresent(entry -> add(entry, "is for pools with \"provider: simulated\"; remove it"));
      }
      timeouts(pool.section("timeouts"));
      speaks(pool);
    }
  }

  /// @param required whether the URL is one that nobody could guess
  private void endpoints(Settings pool, boolean required) {
    Optional<Entry> single = pool.entry("base_url");
    Optional<Entry> several = pool.entry("endpoints");
    boolean reported = problems.errors().stream().anyMatch(known -> concerns(known, pool));
    if (single.isPresent() && several.isPresent()) {
      add(several.get(), "a pool has base_url or endpoints, not both; remove one");
    } else if (required && single.isEmpty() && several.isEmpty() && !reported) {
      problems.add(
          pool.where(),
          pool.path() + ".base_url",
          "is required for openai-compatible; add the URL before /chat/completions, such as"
              + " http://127.0.0.1:8000/v1");
    }
    Stream.concat(
            single.stream(),
            pool.sections("endpoints").stream().flatMap(one -> one.entry("url").stream()))
        .filter(url -> url.value().toString().matches(".*/(completions|messages)"))
        .forEach(url ->
            add(url, "is the URL of one call; end it before \"/chat/completions\" or the like"));
  }

  /// Whether a key that would name an endpoint was written and reported already.
  private static boolean concerns(Problem known, Settings pool) {
    return known.path().startsWith(pool.path() + ".base_url")
        || known.path().startsWith(pool.path() + ".endpoints");
  }

  /// What a provider of that kind can be asked for, and that something can.
  private void speaks(Settings pool) {
    Optional<Entry> list = pool.entry("speaks");
    if (list.isEmpty()) {
      return;
    }
    List<Entry> names = Settings.elements(list.get());
    if (names.stream().allMatch(name -> name.text().equals("models"))) {
      add(list.get(), "names nothing that could be called; add chat or messages");
    }
    String provider = pool.text("provider").orElse("");
    Optional<Policy.ProviderKind> kind =
        switch (provider) {
          case "anthropic" -> Optional.of(Policy.ProviderKind.ANTHROPIC);
          case "simulated" -> Optional.of(Policy.ProviderKind.SIMULATED);
          default -> Optional.empty();
        };
    kind.ifPresent(known ->
        names.stream()
            .filter(name -> !known.speaks().contains(name.text()))
            .forEach(name ->
                add(
                    name,
                    "is not spoken by a pool with \"provider: "
                        + provider
                        + "\", but translated; remove it")));
  }

  private void timeouts(Settings written) {
    Duration total = written.span("total").orElse(Policy.Timeouts.DEFAULT.total());
    for (String part : List.of("connect", "first_token", "idle")) {
      written
          .entry(part)
          .filter(entry -> ((Duration) entry.value()).compareTo(total) > 0)
          .ifPresent(entry ->
              add(
                  entry,
                  "is longer than the whole call may take ("
                      + total
                      + "); shorten it or raise timeouts.total"));
    }
  }

  private void models(List<Settings> models) {
    distinct(models, "model");
    for (Settings model : models) {
      var pairs = new HashMap<String, Entry>();
      for (Settings route : model.sections("routes")) {
        poolExists(route);
        once(pairs, route, "route");
      }
      model.sections("fallback").forEach(this::poolExists);
      shadows(model);
      List<Settings> routes = model.sections("routes");
      boolean nowhere =
          !routes.isEmpty()
              && routes.stream().allMatch(route -> route.whole("weight").orElse(1) == 0);
      if (nowhere) {
        model
            .entry("routes")
            .ifPresent(
                entry -> add(entry, "every weight is 0, so no job could run; raise one above 0"));
      }
    }
  }

  private void shadows(Settings model) {
    List<Settings> shadows = model.sections("shadow");
    var pairs = new HashMap<String, Entry>();
    for (Settings shadow : shadows) {
      poolExists(shadow);
      once(pairs, shadow, "shadow");
    }
    if (shadows.size() > Policy.Model.MAX_SHADOWS) {
      model
          .entry("shadow")
          .ifPresent(entry ->
              add(
                  entry,
                  "there are "
                      + shadows.size()
                      + " shadows, and a job has "
                      + Policy.Model.MAX_SHADOWS
                      + " copies at most; remove some"));
    }
  }

  /// Reports a pool and model that are a route, or what it is, already.
  private void once(Map<String, Entry> pairs, Settings route, String what) {
    for (Entry model : route.entry("model").stream().toList()) {
      first(pairs, route.text("pool").orElse("") + "\n" + model.text(), model)
          .ifPresent(earlier ->
              add(
                  model,
                  "is already a "
                      + what
                      + " in line "
                      + earlier.where().line()
                      + "; keep one of them"));
    }
  }

  private void poolExists(Settings route) {
    route
        .entry("pool")
        .filter(pool -> !poolIds.contains(pool.text()))
        .ifPresent(pool ->
            add(
                pool,
                "there is no pool "
                    + ScalarReader.quoted(pool.text())
                    + "; "
                    + NearMiss.hint(pool.text(), poolIds, "pools")));
  }

  private void distinct(List<Settings> sections, String what) {
    var known = new HashMap<String, Entry>();
    for (Settings section : sections) {
      section
          .entry("id")
          .ifPresent(id ->
              first(known, id.text(), id)
                  .ifPresent(earlier ->
                      add(
                          id,
                          "the "
                              + what
                              + " "
                              + ScalarReader.quoted(id.text())
                              + " is already in line "
                              + earlier.where().line()
                              + "; give each its own id")));
    }
  }

  /// The earlier entry of the same name, if there is one.
  private static Optional<Entry> first(Map<String, Entry> known, String name, Entry entry) {
    return Optional.ofNullable(known.putIfAbsent(name, entry));
  }

  private void add(Entry entry, String text) {
    problems.add(entry.where(), entry.path(), text);
  }
}
