package dev.sluice.contract.model;

import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The reloadable part of the configuration: who may ask, what may run where, what it costs. One
/// immutable snapshot with one version; every decision is stamped with it.
///
/// Secrets appear only as references (`${env:NAME}`, `${file:path}`): the process that needs one
/// resolves it, so no key is ever in the log.
///
/// @param version grows with each publication; 0 is the empty policy
public record Policy(
    long version,
    Map<String, Tenant> tenants,
    Map<String, Pool> pools,
    Map<String, Model> models,
    List<Price> prices) {

  public static final Policy EMPTY = new Policy(0, Map.of(), Map.of(), Map.of(), List.of());

  public Policy {
    tenants = Map.copyOf(tenants);
    pools = Map.copyOf(pools);
    models = Map.copyOf(models);
    prices = List.copyOf(prices);
  }

  public Optional<Tenant> tenant(String id) {
    return Optional.ofNullable(tenants.get(id));
  }

  /// In how many shards a tenant is; 1 of one that is not known.
  public int shards(String tenant) {
    return tenant(tenant).map(Tenant::shards).orElse(1);
  }

  public Optional<Pool> pool(String id) {
    return Optional.ofNullable(pools.get(id));
  }

  /// The plan for a model name; the plan named `*` serves every name that has none of its own.
  public Optional<Model> model(String id) {
    Model exact = models.get(id);
    return Optional.ofNullable(exact != null ? exact : models.get("*"));
  }

  /// @param shares weight of each class within the tenant, 1..1000
  /// @param onCrash what happens to a job whose call may or may not have been made
  /// @param maxAttempts provider calls a job may make, 1..10
  /// @param kafka its own topics
  /// @param limits what it and its parts may use
  /// @param residency region that its jobs never leave; empty where they may run anywhere
  /// @param cache how its answers are given again
  /// @param shards among which its jobs and its limits are divided, 1..[Shards#MOST]
  public record Tenant(
      String id,
      List<ApiKey> keys,
      Map<Priority, Integer> shares,
      OnCrash onCrash,
      int maxAttempts,
      OwnTopics kafka,
      List<Limit> limits,
      Optional<String> residency,
      AnswerCache cache,
      int shards) {
    public Tenant {
      keys = List.copyOf(keys);
      shares = Map.copyOf(shares);
      limits = List.copyOf(limits);
    }

    /// A tenant in one shard, without topics of its own and without limits, whose jobs may run
    /// anywhere and whose answers are given again only where a call asks for it.
    public Tenant(
        String id,
        List<ApiKey> keys,
        Map<Priority, Integer> shares,
        OnCrash onCrash,
        int maxAttempts) {
      this(
          id,
          keys,
          shares,
          onCrash,
          maxAttempts,
          OwnTopics.NONE,
          List.of(),
          Optional.empty(),
          AnswerCache.DEFAULT,
          1);
    }

    /// The same tenant with other limits.
    public Tenant withLimits(List<Limit> others) {
      return new Tenant(
          id, keys, shares, onCrash, maxAttempts, kafka, others, residency, cache, shards);
    }

    /// The same tenant in another number of shards.
    public Tenant withShards(int others) {
      return new Tenant(
          id, keys, shares, onCrash, maxAttempts, kafka, limits, residency, cache, others);
    }
  }

  /// Which topics of its own a tenant has.
  ///
  /// @param submit one that jobs can be produced to
  /// @param results one with the results of its jobs
  /// @param events one with what happens to them
  public record OwnTopics(boolean submit, boolean results, boolean events) {
    public static final OwnTopics NONE = new OwnTopics(false, false, false);
  }

  /// How a tenant's answers are given again.
  ///
  /// @param use whether a call is given one that does not say whether it wants that
  /// @param ttl how long one is given, where a call does not say
  /// @param priceRatio what it is charged, as a part of its first price, 0..1
  public record AnswerCache(boolean use, Duration ttl, BigDecimal priceRatio) {
    public static final AnswerCache DEFAULT =
        new AnswerCache(false, Duration.ofHours(1), BigDecimal.ZERO);
  }

  /// @param secret reference to the secret
  public record ApiKey(String id, String secret, Set<Scope> scopes) {
    public ApiKey {
      scopes = Set.copyOf(scopes);
    }
  }

  public enum OnCrash {
    RETRY,
    FAIL_UNKNOWN
  }

  /// What stands behind a pool, and what it is assumed to speak unless the pool says otherwise.
  public enum ProviderKind {
    OPENAI,
    OPENAI_COMPATIBLE,
    ANTHROPIC,
    SIMULATED;

    public Set<String> speaks() {
      return switch (this) {
        case OPENAI ->
            Set.of("chat", "completions", "embeddings", "moderations", "responses", "models");
        case OPENAI_COMPATIBLE -> Set.of("chat", "completions", "embeddings", "models");
        case ANTHROPIC -> Set.of("messages", "models");
        case SIMULATED -> Set.of("chat", "completions", "embeddings", "moderations", "models");
      };
    }
  }

  /// @param apiKey reference to the key sent to every endpoint; empty for none
  /// @param concurrency calls at once, of the whole pool over all workers, 1..100000
  /// @param speaks endpoints the provider is assumed to serve: chat, completions, embeddings,
  ///   moderations, responses, messages, models
  /// @param simulation behaviour of a simulated pool
  /// @param region where it runs; a pool without one is outside of every residency
  /// @param gpu the GPUs behind it, whose time is counted; empty where they are not named
  /// @param affinity which calls meet at the same endpoint
  public record Pool(
      String id,
      ProviderKind provider,
      List<Endpoint> endpoints,
      Optional<String> apiKey,
      int concurrency,
      Timeouts timeouts,
      Set<String> speaks,
      Simulation simulation,
      Optional<String> region,
      Optional<Gpu> gpu,
      Affinity affinity) {
    public Pool {
      endpoints = List.copyOf(endpoints);
      speaks = Set.copyOf(speaks);
    }

    /// A pool that does not say where it runs or on which GPUs, and of whose calls none need to
    /// meet.
    public Pool(
        String id,
        ProviderKind provider,
        List<Endpoint> endpoints,
        Optional<String> apiKey,
        int concurrency,
        Timeouts timeouts,
        Set<String> speaks,
        Simulation simulation) {
      this(
          id,
          provider,
          endpoints,
          apiKey,
          concurrency,
          timeouts,
          speaks,
          simulation,
          Optional.empty(),
          Optional.empty(),
          Affinity.NONE);
    }
  }

  /// The GPUs behind a pool.
  ///
  /// @param type for people, such as H100
  /// @param count of the whole pool, from 1
  /// @param usdPerHour price of one of them; empty where their time is counted and not priced
  public record Gpu(String type, int count, Optional<BigDecimal> usdPerHour) {}

  /// Which calls of a pool meet at the same endpoint.
  public enum Affinity {
    NONE,
    /// Those whose prompts begin alike.
    PREFIX
  }

  /// @param url base URL, to which `/chat/completions` or, at Anthropic, `/v1/messages` is appended
  /// @param weight share of calls among the pool's endpoints, 1..1000
  public record Endpoint(URI url, int weight) {}

  /// @param queue longest wait for a slot after release
  /// @param connect TCP and TLS
  /// @param firstToken from request sent to first byte of the answer's body
  /// @param idle between two bytes of the body
  /// @param total of the whole call
  public record Timeouts(
      Duration queue, Duration connect, Duration firstToken, Duration idle, Duration total) {
    public static final Timeouts DEFAULT =
        new Timeouts(
            Duration.ofMinutes(10),
            Duration.ofSeconds(3),
            Duration.ofSeconds(60),
            Duration.ofSeconds(30),
            Duration.ofHours(1));
  }

  /// @param firstToken simulated time to the first token
  /// @param tokensPerSecond simulated pace, 0 for at once
  /// @param outputTokens tokens of each answer when the request names no limit
  public record Simulation(Duration firstToken, int tokensPerSecond, int outputTokens) {
    public static final Simulation DEFAULT = new Simulation(Duration.ofMillis(20), 200, 24);
  }

  /// What a model name stands for.
  ///
  /// @param maxOutputTokens sent when the job names none, tokens; empty to send none
  /// @param routing how one of the routes is picked
  /// @param assignBy tag whose value keeps a job without a session on its route; empty for none
  /// @param shadow where copies of its jobs go, at most [#MAX_SHADOWS]
  public record Model(
      String id,
      Optional<Integer> maxOutputTokens,
      List<Route> routes,
      List<Fallback> fallback,
      Routing routing,
      Optional<String> assignBy,
      List<Shadow> shadow) {

    /// Copies of one job at most, count.
    public static final int MAX_SHADOWS = 4;

    public Model {
      routes = List.copyOf(routes);
      fallback = List.copyOf(fallback);
      shadow = List.copyOf(shadow);
    }

    /// A model of whose jobs no copies are made.
    public Model(
        String id,
        Optional<Integer> maxOutputTokens,
        List<Route> routes,
        List<Fallback> fallback,
        Routing routing,
        Optional<String> assignBy) {
      this(id, maxOutputTokens, routes, fallback, routing, assignBy, List.of());
    }

    /// A model whose routes are picked by weight.
    public Model(
        String id, Optional<Integer> maxOutputTokens, List<Route> routes, List<Fallback> fallback) {
      this(id, maxOutputTokens, routes, fallback, Routing.WEIGHTED, Optional.empty());
    }
  }

  /// How a route is picked among those that may be used.
  public enum Routing {
    /// By a stable hash over the weights.
    WEIGHTED,
    /// The first of the list.
    PRIORITY,
    /// The lowest price of the job's longest run.
    CHEAPEST,
    /// The best time measured.
    FASTEST,
    /// By session, so that a pool that goes takes only its own sessions along.
    STICKY,
    /// By what success, time and price have taught.
    BANDIT
  }

  /// @param model name sent to the provider; `*` sends the caller's own
  /// @param weight share of jobs, 0..1000000; with 0 the route is never used
  /// @param when condition in CEL under which the route may be used; empty for always
  /// @param variant name of the route in a comparison, shown on the job
  public record Route(
      String pool, String model, int weight, Optional<String> when, Optional<String> variant) {

    /// A route without a condition and without a name.
    public Route(String pool, String model, int weight) {
      this(pool, model, weight, Optional.empty(), Optional.empty());
    }
  }

  /// @param when causes on which this route is tried next
  /// @param condition condition in CEL under which it may be; empty for always
  public record Fallback(
      String pool, String model, Set<FallbackCause> when, Optional<String> condition) {
    public Fallback {
      when = Set.copyOf(when);
    }

    /// A fallback without a condition.
    public Fallback(String pool, String model, Set<FallbackCause> when) {
      this(pool, model, when, Optional.empty());
    }
  }

  /// @param model name sent to the provider; `*` sends the caller's own
  /// @param percent of the model's jobs that are copied there, 1..100
  /// @param condition condition in CEL under which a job is; empty for always
  public record Shadow(String pool, String model, int percent, Optional<String> condition) {}

  public enum FallbackCause {
    THROTTLED,
    DOWN,
    TIMEOUT,
    TOO_LONG,
    REFUSED,
    INVALID_KEY
  }

  /// What a pool's model costs from an instant on, until a later price of the same pair.
  ///
  /// @param version name of this price, stamped on cost rows
  /// @param usdPerMillion USD per million tokens of each kind; a kind not named is not priced
  public record Price(
      String version,
      String pool,
      String model,
      Instant from,
      Map<TokenKind, BigDecimal> usdPerMillion) {
    public Price {
      usdPerMillion = Map.copyOf(usdPerMillion);
    }
  }
}
