package dev.sluice.contract.codec;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.model.Scope;
import dev.sluice.contract.model.TokenKind;
import java.math.BigDecimal;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A policy as the JSON document that `sluice.policy` carries, with the names of the configuration
/// file. The same policy always gives the same bytes, so two documents can be compared by digest;
/// the version is not part of it. Amounts are strings: no reader can round them by accident.
///
/// Pure; safe for use by many threads.
public final class PolicyDocument {

  /// Grows when a reader of the previous format would miss something that it had to enforce.
  public static final int FORMAT = 4;

  private static final JsonMapper JSON = JsonMapper.shared();

  private PolicyDocument() {}

  /// The document of a policy.
  public static byte[] write(Policy policy) {
    ObjectNode root = JSON.createObjectNode();
    root.put("format", format(policy));
    ArrayNode tenants = root.putArray("tenants");
    new TreeMap<>(policy.tenants()).values().forEach(t -> writeTenant(tenants.addObject(), t));
    ArrayNode pools = root.putArray("pools");
    new TreeMap<>(policy.pools()).values().forEach(p -> writePool(pools.addObject(), p));
    ArrayNode models = root.putArray("models");
    new TreeMap<>(policy.models()).values().forEach(m -> writeModel(models.addObject(), m));
    ArrayNode prices = root.putArray("prices");
    policy.prices().stream()
        .sorted(
            Comparator.comparing(Policy.Price::pool)
                .thenComparing(Policy.Price::model)
                .thenComparing(Policy.Price::from))
        .forEach(p -> writePrice(prices.addObject(), p));
    return JSON.writeValueAsBytes(root);
  }

  /// The first format whose readers enforce all that a policy says: limits, conditions, residency
  /// and routing other than by weight are of the second, GPUs and alerts of the third, shards of
  /// the fourth.
  private static int format(Policy policy) {
    if (policy.tenants().values().stream().anyMatch(tenant -> tenant.shards() > 1)) {
      return FORMAT;
    }
    boolean gpus = policy.pools().values().stream().anyMatch(pool -> pool.gpu().isPresent());
    boolean alerts =
        policy.tenants().values().stream()
            .flatMap(tenant -> tenant.limits().stream())
            .anyMatch(limit -> !limit.alerts().isEmpty());
    if (gpus || alerts) {
      return 3;
    }
    boolean tenants =
        policy.tenants().values().stream()
            .anyMatch(tenant -> tenant.residency().isPresent() || !tenant.limits().isEmpty());
    boolean routing =
        policy.models().values().stream()
            .anyMatch(model ->
                model.routing() != Policy.Routing.WEIGHTED
                    || model.routes().stream().anyMatch(route -> route.when().isPresent())
                    || model.fallback().stream().anyMatch(next -> next.condition().isPresent()));
    return tenants || routing ? 2 : 1;
  }

  /// The policy of a document.
  ///
  /// @throws IllegalArgumentException when the document is none, or of a later format
  public static Policy read(byte[] document, long version) {
    try {
      JsonNode root = JSON.readTree(document);
      int format = root.required("format").intValue();
      if (format > FORMAT) {
        throw new IllegalArgumentException(
            "policy document of format " + format + "; this version reads up to " + FORMAT);
      }
      return new Policy(
          version,
          byId(root, "tenants", PolicyDocument::readTenant, Policy.Tenant::id),
          byId(root, "pools", PolicyDocument::readPool, Policy.Pool::id),
          byId(root, "models", PolicyDocument::readModel, Policy.Model::id),
          list(root.required("prices"), PolicyDocument::readPrice));
    } catch (JacksonException | java.time.DateTimeException e) {
      throw new IllegalArgumentException("not a policy document: " + e.getMessage(), e);
    }
  }

  /// What a document is compared by: `sha256:` and 16 hexadecimal digits.
  public static String digest(byte[] document) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(document);
      return "sha256:" + HexFormat.of().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static void writeTenant(ObjectNode node, Policy.Tenant tenant) {
    node.put("id", tenant.id());
    ArrayNode keys = node.putArray("keys");
    for (Policy.ApiKey key : tenant.keys()) {
      ObjectNode one = keys.addObject().put("id", key.id()).put("secret", key.secret());
      putNames(one, "scopes", key.scopes());
    }
    ObjectNode priorities = node.putObject("priorities");
    new TreeMap<>(tenant.shares())
        .forEach((priority, share) -> priorities.putObject(priority.key()).put("share", share));
    node.put("on_crash", name(tenant.onCrash()));
    node.put("max_attempts", tenant.maxAttempts());
    if (!tenant.kafka().equals(Policy.OwnTopics.NONE)) {
      node.putObject("kafka")
          .put("submit", tenant.kafka().submit())
          .put("results", tenant.kafka().results())
          .put("events", tenant.kafka().events());
    }
    if (!tenant.limits().isEmpty()) {
      ArrayNode limits = node.putArray("limits");
      tenant.limits().forEach(limit -> LimitDocument.write(limits.addObject(), limit));
    }
    tenant.residency().ifPresent(region -> node.put("residency", region));
    if (!tenant.cache().equals(Policy.AnswerCache.DEFAULT)) {
      node.putObject("cache")
          .put("mode", tenant.cache().use() ? "use" : "off")
          .put("ttl", tenant.cache().ttl().toString())
          .put("price_ratio", tenant.cache().priceRatio().toPlainString());
    }
    if (tenant.shards() > 1) {
      node.put("shards", tenant.shards());
    }
  }

  private static Policy.Tenant readTenant(JsonNode node) {
    var shares = new EnumMap<Priority, Integer>(Priority.class);
    for (var entry : node.required("priorities").properties()) {
      shares.put(
          constant(Priority.class, entry.getKey()), entry.getValue().required("share").intValue());
    }
    return new Policy.Tenant(
        text(node, "id"),
        list(
            node.required("keys"),
            key ->
                new Policy.ApiKey(
                    text(key, "id"), text(key, "secret"), names(key, "scopes", Scope.class))),
        shares,
        constant(Policy.OnCrash.class, text(node, "on_crash")),
        node.required("max_attempts").intValue(),
        ownTopics(node.path("kafka")),
        list(node.path("limits"), LimitDocument::read),
        node.optional("residency").map(JsonNode::stringValue),
        cache(node.path("cache")),
        node.path("shards").asInt(1));
  }

  private static Policy.AnswerCache cache(JsonNode node) {
    return node.isMissingNode()
        ? Policy.AnswerCache.DEFAULT
        : new Policy.AnswerCache(
            text(node, "mode").equals("use"),
            Duration.parse(text(node, "ttl")),
            new BigDecimal(text(node, "price_ratio")));
  }

  private static Policy.OwnTopics ownTopics(JsonNode node) {
    return new Policy.OwnTopics(
        node.path("submit").asBoolean(false),
        node.path("results").asBoolean(false),
        node.path("events").asBoolean(false));
  }

  private static void writePool(ObjectNode node, Policy.Pool pool) {
    node.put("id", pool.id());
    node.put("provider", name(pool.provider()).replace('_', '-'));
    ArrayNode endpoints = node.putArray("endpoints");
    for (Policy.Endpoint endpoint : pool.endpoints()) {
      endpoints.addObject().put("url", endpoint.url().toString()).put("weight", endpoint.weight());
    }
    pool.apiKey().ifPresent(key -> node.put("api_key", key));
    node.put("concurrency", pool.concurrency());
    Policy.Timeouts timeouts = pool.timeouts();
    node.putObject("timeouts")
        .put("queue", timeouts.queue().toString())
        .put("connect", timeouts.connect().toString())
        .put("first_token", timeouts.firstToken().toString())
        .put("idle", timeouts.idle().toString())
        .put("total", timeouts.total().toString());
    ArrayNode speaks = node.putArray("speaks");
    new TreeSet<>(pool.speaks()).forEach(speaks::add);
    node.putObject("simulation")
        .put("first_token", pool.simulation().firstToken().toString())
        .put("tokens_per_second", pool.simulation().tokensPerSecond())
        .put("output_tokens", pool.simulation().outputTokens());
    pool.region().ifPresent(region -> node.put("region", region));
    pool.gpu()
        .ifPresent(gpu -> {
          ObjectNode one = node.putObject("gpu").put("type", gpu.type()).put("count", gpu.count());
          gpu.usdPerHour().ifPresent(usd -> one.put("usd_per_hour", usd.toPlainString()));
        });
    if (pool.affinity() != Policy.Affinity.NONE) {
      node.put("affinity", name(pool.affinity()));
    }
  }

  private static Policy.Pool readPool(JsonNode node) {
    JsonNode timeouts = node.required("timeouts");
    JsonNode simulation = node.required("simulation");
    return new Policy.Pool(
        text(node, "id"),
        constant(Policy.ProviderKind.class, text(node, "provider").replace('-', '_')),
        list(
            node.required("endpoints"),
            endpoint ->
                new Policy.Endpoint(
                    URI.create(text(endpoint, "url")), endpoint.required("weight").intValue())),
        node.optional("api_key").map(JsonNode::stringValue),
        node.required("concurrency").intValue(),
        new Policy.Timeouts(
            duration(timeouts, "queue"),
            duration(timeouts, "connect"),
            duration(timeouts, "first_token"),
            duration(timeouts, "idle"),
            duration(timeouts, "total")),
        Set.copyOf(list(node.required("speaks"), JsonNode::stringValue)),
        new Policy.Simulation(
            duration(simulation, "first_token"),
            simulation.required("tokens_per_second").intValue(),
            simulation.required("output_tokens").intValue()),
        node.optional("region").map(JsonNode::stringValue),
        node.optional("gpu")
            .map(gpu ->
                new Policy.Gpu(
                    text(gpu, "type"),
                    gpu.required("count").intValue(),
                    gpu.optional("usd_per_hour").map(usd -> new BigDecimal(usd.stringValue())))),
        node.optional("affinity")
            .map(affinity -> constant(Policy.Affinity.class, affinity.stringValue()))
            .orElse(Policy.Affinity.NONE));
  }

  private static void writeModel(ObjectNode node, Policy.Model model) {
    node.put("id", model.id());
    model.maxOutputTokens().ifPresent(max -> node.put("max_output_tokens", max));
    ArrayNode routes = node.putArray("routes");
    for (Policy.Route route : model.routes()) {
      ObjectNode one =
          routes
              .addObject()
              .put("pool", route.pool())
              .put("model", route.model())
              .put("weight", route.weight());
      route.when().ifPresent(condition -> one.put("when", condition));
      route.variant().ifPresent(variant -> one.put("variant", variant));
    }
    ArrayNode fallback = node.putArray("fallback");
    for (Policy.Fallback next : model.fallback()) {
      ObjectNode one = fallback.addObject().put("pool", next.pool()).put("model", next.model());
      putNames(one, "when", next.when());
      next.condition().ifPresent(condition -> one.put("if", condition));
    }
    if (model.routing() != Policy.Routing.WEIGHTED) {
      node.put("policy", name(model.routing()));
    }
    model.assignBy().ifPresent(tag -> node.put("assign_by", tag));
    if (!model.shadow().isEmpty()) {
      ArrayNode shadows = node.putArray("shadow");
      for (Policy.Shadow shadow : model.shadow()) {
        ObjectNode one =
            shadows
                .addObject()
                .put("pool", shadow.pool())
                .put("model", shadow.model())
                .put("percent", shadow.percent());
        shadow.condition().ifPresent(condition -> one.put("if", condition));
      }
    }
  }

  private static Policy.Model readModel(JsonNode node) {
    return new Policy.Model(
        text(node, "id"),
        node.optional("max_output_tokens").map(JsonNode::intValue),
        list(
            node.required("routes"),
            route ->
                new Policy.Route(
                    text(route, "pool"),
                    text(route, "model"),
                    route.required("weight").intValue(),
                    route.optional("when").map(JsonNode::stringValue),
                    route.optional("variant").map(JsonNode::stringValue))),
        list(
            node.required("fallback"),
            next ->
                new Policy.Fallback(
                    text(next, "pool"),
                    text(next, "model"),
                    names(next, "when", Policy.FallbackCause.class),
                    next.optional("if").map(JsonNode::stringValue))),
        node.optional("policy")
            .map(policy -> constant(Policy.Routing.class, policy.stringValue()))
            .orElse(Policy.Routing.WEIGHTED),
        node.optional("assign_by").map(JsonNode::stringValue),
        node.optional("shadow")
            .map(shadows -> list(shadows, PolicyDocument::readShadow))
            .orElse(List.of()));
  }

  private static Policy.Shadow readShadow(JsonNode node) {
    return new Policy.Shadow(
        text(node, "pool"),
        text(node, "model"),
        node.required("percent").intValue(),
        node.optional("if").map(JsonNode::stringValue));
  }

  private static void writePrice(ObjectNode node, Policy.Price price) {
    node.put("version", price.version());
    node.put("pool", price.pool());
    node.put("model", price.model());
    node.put("from", price.from().toString());
    ObjectNode amounts = node.putObject("usd_per_million");
    new TreeMap<>(price.usdPerMillion())
        .forEach((kind, usd) -> amounts.put(kind.key(), usd.toPlainString()));
  }

  private static Policy.Price readPrice(JsonNode node) {
    var amounts = new EnumMap<TokenKind, BigDecimal>(TokenKind.class);
    for (var entry : node.required("usd_per_million").properties()) {
      amounts.put(
          constant(TokenKind.class, entry.getKey()),
          new BigDecimal(entry.getValue().stringValue()));
    }
    return new Policy.Price(
        text(node, "version"),
        text(node, "pool"),
        text(node, "model"),
        Instant.parse(text(node, "from")),
        amounts);
  }

  private static String text(JsonNode node, String field) {
    return node.required(field).stringValue();
  }

  private static Duration duration(JsonNode node, String field) {
    return Duration.parse(text(node, field));
  }

  private static <T> List<T> list(JsonNode array, Function<JsonNode, T> read) {
    var all = new ArrayList<T>();
    for (JsonNode element : array.values()) {
      all.add(read.apply(element));
    }
    return all;
  }

  private static <T> Map<String, T> byId(
      JsonNode root, String field, Function<JsonNode, T> read, Function<T, String> id) {
    var all = new LinkedHashMap<String, T>();
    for (T one : list(root.required(field), read)) {
      all.put(id.apply(one), one);
    }
    return all;
  }

  private static <E extends Enum<E>> void putNames(ObjectNode node, String field, Set<E> values) {
    ArrayNode array = node.putArray(field);
    values.stream().sorted().forEach(value -> array.add(name(value)));
  }

  private static <E extends Enum<E>> Set<E> names(JsonNode node, String field, Class<E> type) {
    Set<E> all = EnumSet.noneOf(type);
    for (JsonNode value : node.required(field).values()) {
      all.add(constant(type, value.stringValue()));
    }
    return all;
  }

  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static <E extends Enum<E>> E constant(Class<E> type, String name) {
    return Enum.valueOf(type, name.toUpperCase(Locale.ROOT));
  }
}
