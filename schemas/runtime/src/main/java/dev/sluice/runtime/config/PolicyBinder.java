package dev.sluice.runtime.config;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Policy.FallbackCause;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.model.Scope;
import dev.sluice.contract.model.TokenKind;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Makes the records of the policy part. Values that were reported as wrong are replaced by
/// defaults: the result of a file with problems is never used. Pure.
final class PolicyBinder {
  private static final Map<Priority, Integer> SHARES =
      Map.of(Priority.INTERACTIVE, 8, Priority.STANDARD, 4, Priority.BATCH, 1);
  private static final Set<Scope> SCOPES = Set.of(Scope.SUBMIT, Scope.READ, Scope.CANCEL);
  private static final Set<FallbackCause> CAUSES =
      Set.of(FallbackCause.THROTTLED, FallbackCause.DOWN, FallbackCause.TIMEOUT);
  private static final int MAX_ATTEMPTS = 4;
  private static final int CONCURRENCY = 64;
  private static final int ALL = 100;
  private static final URI NOWHERE = URI.create("http://invalid.invalid");
  static final URI OPENAI = URI.create("https://api.openai.com/v1");
  static final URI ANTHROPIC = URI.create("https://api.anthropic.com");

  private PolicyBinder() {}

  static Policy bind(Settings root) {
    var tenants = new LinkedHashMap<String, Policy.Tenant>();
    root.sections("tenants").stream()
        .map(PolicyBinder::tenant)
        .forEach(tenant -> tenants.put(tenant.id(), tenant));
    var pools = new LinkedHashMap<String, Policy.Pool>();
    root.sections("pools").stream()
        .map(PolicyBinder::pool)
        .forEach(pool -> pools.put(pool.id(), pool));
    var models = new LinkedHashMap<String, Policy.Model>();
    root.sections("models").stream()
        .map(PolicyBinder::model)
        .forEach(model -> models.put(model.id(), model));
    return new Policy(
        0,
        tenants,
        pools,
        models,
        root.sections("prices").stream().map(PolicyBinder::price).toList());
  }

  private static Policy.Tenant tenant(Settings written) {
    var shares = new EnumMap<Priority, Integer>(SHARES);
    for (Priority priority : Priority.values()) {
      written
          .section("priorities")
          .section(priority.key())
          .entry("share")
          .ifPresent(share -> shares.put(priority, share.whole()));
    }
    return new Policy.Tenant(
        written.text("id").orElse(""),
        written.sections("keys").stream().map(PolicyBinder::key).toList(),
        shares,
        written
            .text("on_crash")
            .map(text -> constant(Policy.OnCrash.class, text))
            .orElse(Policy.OnCrash.RETRY),
        written.whole("max_attempts").orElse(MAX_ATTEMPTS),
        ownTopics(written.section("kafka")),
        LimitBinder.limits(written),
        written.text("residency"),
        cache(written.section("cache")),
        written.whole("shards").orElse(1));
  }

  private static Policy.AnswerCache cache(Settings written) {
    Policy.AnswerCache standard = Policy.AnswerCache.DEFAULT;
    return new Policy.AnswerCache(
        written.text("mode").map("use"::equals).orElse(standard.use()),
        written.span("ttl").orElse(standard.ttl()),
        written.ratio("price_ratio").orElse(standard.priceRatio()));
  }

  private static Policy.OwnTopics ownTopics(Settings written) {
    return new Policy.OwnTopics(
        asked(written, "submit"), asked(written, "results"), asked(written, "events"));
  }

  private static boolean asked(Settings written, String key) {
    return written.entry(key).map(entry -> (Boolean) entry.value()).orElse(false);
  }

  private static Policy.ApiKey key(Settings written) {
    return new Policy.ApiKey(
        written.text("id").orElse(""),
        written.text("secret").orElse(""),
        constants(written, "scopes", Scope.class, SCOPES));
  }

  private static Policy.Pool pool(Settings written) {
    Settings simulation = written.section("simulation");
    Policy.Simulation standard = Policy.Simulation.DEFAULT;
    Policy.ProviderKind kind =
        written
            .text("provider")
            .map(text -> constant(Policy.ProviderKind.class, text))
            .orElse(Policy.ProviderKind.OPENAI_COMPATIBLE);
    return new Policy.Pool(
        written.text("id").orElse(""),
        kind,
        endpoints(written, kind),
        written.text("api_key"),
        written.whole("concurrency").orElse(CONCURRENCY),
        timeouts(written.section("timeouts")),
        written.entry("speaks").isPresent()
            ? written.list("speaks").stream().map(Entry::text).collect(Collectors.toSet())
            : kind.speaks(),
        new Policy.Simulation(
            simulation.span("first_token").orElse(standard.firstToken()),
            simulation.whole("tokens_per_second").orElse(standard.tokensPerSecond()),
            simulation.whole("output_tokens").orElse(standard.outputTokens())),
        written.text("region"),
        written.entry("gpu").map(_ -> gpu(written.section("gpu"))),
        written
            .text("affinity")
            .map(text -> constant(Policy.Affinity.class, text))
            .orElse(Policy.Affinity.NONE));
  }

  private static Policy.Gpu gpu(Settings written) {
    return new Policy.Gpu(
        written.text("type").orElse(""),
        written.whole("count").orElse(1),
        written.usd("usd_per_hour"));
  }

  private static List<Policy.Endpoint> endpoints(Settings pool, Policy.ProviderKind kind) {
    if (pool.url("base_url").isPresent()) {
      return List.of(new Policy.Endpoint(pool.url("base_url").orElse(NOWHERE), 1));
    }
    if (pool.entry("endpoints").isEmpty()) {
      return switch (kind) {
        case OPENAI -> List.of(new Policy.Endpoint(OPENAI, 1));
        case ANTHROPIC -> List.of(new Policy.Endpoint(ANTHROPIC, 1));
        case OPENAI_COMPATIBLE, SIMULATED -> List.of();
      };
    }
    return pool.sections("endpoints").stream()
        .map(written ->
            new Policy.Endpoint(
                written.url("url").orElse(NOWHERE), written.whole("weight").orElse(1)))
        .toList();
  }

  private static Policy.Timeouts timeouts(Settings written) {
    Policy.Timeouts standard = Policy.Timeouts.DEFAULT;
    return new Policy.Timeouts(
        written.span("queue").orElse(standard.queue()),
        written.span("connect").orElse(standard.connect()),
        written.span("first_token").orElse(standard.firstToken()),
        written.span("idle").orElse(standard.idle()),
        written.span("total").orElse(standard.total()));
  }

  private static Policy.Model model(Settings written) {
    return new Policy.Model(
        written.text("id").orElse(""),
        written.entry("max_output_tokens").map(Entry::whole),
        written.sections("routes").stream()
            .map(route ->
                new Policy.Route(
                    route.text("pool").orElse(""),
                    route.text("model").orElse(""),
                    route.whole("weight").orElse(1),
                    route.text("when"),
                    route.text("variant")))
            .toList(),
        written.sections("fallback").stream()
            .map(next ->
                new Policy.Fallback(
                    next.text("pool").orElse(""),
                    next.text("model").orElse(""),
                    constants(next, "when", FallbackCause.class, CAUSES),
                    next.text("if")))
            .toList(),
        written
            .text("policy")
            .map(text -> constant(Policy.Routing.class, text))
            .orElse(Policy.Routing.WEIGHTED),
        written.text("assign_by"),
        written.sections("shadow").stream()
            .map(shadow ->
                new Policy.Shadow(
                    shadow.text("pool").orElse(""),
                    shadow.text("model").orElse(""),
                    shadow.whole("percent").orElse(ALL),
                    shadow.text("if")))
            .toList());
  }

  private static Policy.Price price(Settings written) {
    var amounts = new EnumMap<TokenKind, BigDecimal>(TokenKind.class);
    for (TokenKind kind : TokenKind.values()) {
      written.usd(kind.key()).ifPresent(usd -> amounts.put(kind, usd));
    }
    return Prices.of(
        written.text("pool").orElse(""),
        written.text("model").orElse(""),
        written.moment("from").orElse(Instant.EPOCH),
        amounts);
  }

  private static <E extends Enum<E>> Set<E> constants(
      Settings written, String key, Class<E> type, Set<E> standard) {
    return written.entry(key).isEmpty()
        ? standard
        : written.list(key).stream()
            .map(entry -> constant(type, entry.text()))
            .collect(Collectors.toSet());
  }

  private static <E extends Enum<E>> E constant(Class<E> type, String text) {
    String name = text.toUpperCase(Locale.ROOT).replace('-', '_');
    return Arrays.stream(type.getEnumConstants())
        .filter(value -> value.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("the key table allows " + text));
  }
}
