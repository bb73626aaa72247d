package dev.sluice.contract.codec;

import static dev.sluice.contract.codec.JsonFields.list;

import dev.sluice.contract.model.Policy;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
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
  public static final int FORMAT = 5;

  private static final JsonMapper JSON = JsonMapper.shared();

  private PolicyDocument() {}

  /// The document of a policy.
  public static byte[] write(Policy policy) {
    ObjectNode root = JSON.createObjectNode();
    root.put("format", format(policy));
    ArrayNode tenants = root.putArray("tenants");
    new TreeMap<>(policy.tenants())
        .values()
        .forEach(t -> TenantDocument.write(tenants.addObject(), t));
    ArrayNode pools = root.putArray("pools");
    new TreeMap<>(policy.pools()).values().forEach(p -> PoolDocument.write(pools.addObject(), p));
    ArrayNode models = root.putArray("models");
    new TreeMap<>(policy.models())
        .values()
        .forEach(m -> ModelDocument.write(models.addObject(), m));
    ArrayNode prices = root.putArray("prices");
    policy.prices().stream()
        .sorted(
            Comparator.comparing(Policy.Price::pool)
                .thenComparing(Policy.Price::model)
                .thenComparing(Policy.Price::from))
        .forEach(p -> PriceDocument.write(prices.addObject(), p));
    return JSON.writeValueAsBytes(root);
  }

  /// The first format whose readers enforce all that a policy says: limits, conditions, residency
  /// and routing other than by weight are of the second, GPUs and alerts of the third, shards of
  /// the fourth, alerts of tenants in shards of the fifth.
  private static int format(Policy policy) {
    Collection<Policy.Tenant> all = policy.tenants().values();
    if (all.stream().anyMatch(tenant -> inShards(tenant) && alerts(tenant))) {
      return FORMAT;
    }
    if (all.stream().anyMatch(PolicyDocument::inShards)) {
      return 4;
    }
    boolean gpus = policy.pools().values().stream().anyMatch(pool -> pool.gpu().isPresent());
    if (gpus || all.stream().anyMatch(PolicyDocument::alerts)) {
      return 3;
    }
    boolean tenants =
        all.stream()
            .anyMatch(tenant -> tenant.residency().isPresent() || !tenant.limits().isEmpty());
    boolean routing =
        policy.models().values().stream()
            .anyMatch(model ->
                model.routing() != Policy.Routing.WEIGHTED
                    || model.routes().stream().anyMatch(route -> route.when().isPresent())
                    || model.fallback().stream().anyMatch(next -> next.condition().isPresent()));
    return tenants || routing ? 2 : 1;
  }

  private static boolean inShards(Policy.Tenant tenant) {
    return tenant.shards() > 1;
  }

  private static boolean alerts(Policy.Tenant tenant) {
    return tenant.limits().stream().anyMatch(limit -> !limit.alerts().isEmpty());
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
          byId(root, "tenants", TenantDocument::read, Policy.Tenant::id),
          byId(root, "pools", PoolDocument::read, Policy.Pool::id),
          byId(root, "models", ModelDocument::read, Policy.Model::id),
          list(root.required("prices"), PriceDocument::read));
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

  private static <T> Map<String, T> byId(
      JsonNode root, String field, Function<JsonNode, T> read, Function<T, String> id) {
    var all = new LinkedHashMap<String, T>();
    for (T one : list(root.required(field), read)) {
      all.put(id.apply(one), one);
    }
    return all;
  }
}
