package dev.sluice.contract.codec;

import static dev.sluice.contract.codec.JsonFields.constant;
import static dev.sluice.contract.codec.JsonFields.duration;
import static dev.sluice.contract.codec.JsonFields.list;
import static dev.sluice.contract.codec.JsonFields.name;
import static dev.sluice.contract.codec.JsonFields.optional;
import static dev.sluice.contract.codec.JsonFields.text;

import dev.sluice.contract.model.Policy;
import java.math.BigDecimal;
import java.net.URI;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A pool within a policy document. Pure.
final class PoolDocument {

  private PoolDocument() {}

  static void write(ObjectNode node, Policy.Pool pool) {
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

  static Policy.Pool read(JsonNode node) {
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
        optional(node, "api_key"),
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
        optional(node, "region"),
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
}
