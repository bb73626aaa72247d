package dev.sluice.runtime.config;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.model.Scope;
import dev.sluice.contract.model.TokenKind;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The policy of `sluice up` without a file: the demo tenant, and one pool that every model name
/// leads to.
public final class BuiltInPolicy {

  /// The demo tenant's key, and where the policy refers to it.
  public static final Secret DEMO_KEY = Secret.of("sk-sluice-demo");

  public static final String DEMO_KEY_NAME = "demo-key";
  public static final String UPSTREAM_KEY_NAME = "upstream-key";

  private static final int CONCURRENCY = 64;

  private BuiltInPolicy() {}

  /// Everything runs on the simulated provider, at a price, so that costs show.
  public static Policy demo() {
    var price =
        Prices.of(
            "simulated",
            "*",
            Instant.parse("2020-01-01T00:00:00Z"),
            Map.of(
                TokenKind.INPUT, new BigDecimal("0.15"),
                TokenKind.CACHED_INPUT, new BigDecimal("0.075"),
                TokenKind.OUTPUT, new BigDecimal("0.60")));
    return policy(
        pool("simulated", Policy.ProviderKind.SIMULATED, List.of(), Optional.empty()),
        List.of(price));
  }

  /// Everything goes to one OpenAI-compatible endpoint under the caller's own model names. It has
  /// no price: nobody knows what that endpoint costs, and unknown is not zero.
  ///
  /// @param hasKey whether [#UPSTREAM_KEY_NAME] holds a key to send
  public static Policy upstream(URI baseUrl, boolean hasKey) {
    return policy(
        pool(
            "upstream",
            Policy.ProviderKind.OPENAI_COMPATIBLE,
            List.of(new Policy.Endpoint(baseUrl, 1)),
            hasKey ? Optional.of(reference(UPSTREAM_KEY_NAME)) : Optional.empty()),
        List.of());
  }

  private static Policy policy(Policy.Pool pool, List<Policy.Price> prices) {
    var tenant =
        new Policy.Tenant(
            "demo",
            List.of(new Policy.ApiKey("demo", reference(DEMO_KEY_NAME), Set.of(Scope.values()))),
            Map.of(Priority.INTERACTIVE, 8, Priority.STANDARD, 4, Priority.BATCH, 1),
            Policy.OnCrash.RETRY,
            4);
    var model =
        new Policy.Model(
            "*", Optional.empty(), List.of(new Policy.Route(pool.id(), "*", 1)), List.of());
    // Named after its pool too, so that a list of models is not empty.
    var named =
        new Policy.Model(
            pool.id(), Optional.empty(), List.of(new Policy.Route(pool.id(), "*", 1)), List.of());
    Map<String, Policy.Model> models =
        pool.provider() == Policy.ProviderKind.SIMULATED
            ? Map.of("*", model, named.id(), named)
            : Map.of("*", model);
    return new Policy(0, Map.of("demo", tenant), Map.of(pool.id(), pool), models, prices);
  }

  private static Policy.Pool pool(
      String id,
      Policy.ProviderKind kind,
      List<Policy.Endpoint> endpoints,
      Optional<String> apiKey) {
    return new Policy.Pool(
        id,
        kind,
        endpoints,
        apiKey,
        CONCURRENCY,
        Policy.Timeouts.DEFAULT,
        kind.speaks(),
        Policy.Simulation.DEFAULT);
  }

  private static String reference(String name) {
    return "${sluice:" + name + "}";
  }
}
