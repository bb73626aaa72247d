package dev.sluice.bench.scenario;

import dev.sluice.bench.load.Expectation;
import dev.sluice.bench.load.Target;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.utils.Utils;

/// The tenants of the fairness scenario, each in the router task that its name leads to, and one
/// simulated pool for all of them.
final class FairnessPolicy {
  static final int TASKS = 4;

  /// Calls of the pool at once.
  static final int SLOTS = 32;

  /// Pace of a call.
  static final int TOKENS_PER_SECOND = 10_000;

  /// Tenants of each task.
  static final List<Integer> SPREAD = List.of(30, 14, 5, 1);

  static final int SMALLEST = 400;
  static final int LARGEST = 10_000;

  /// Tokens of the jobs of each of the tenants that share alike.
  private final Map<String, Integer> sizes = new HashMap<>();

  private final String noisy;
  private final String quiet;
  private int names;

  FairnessPolicy() {
    List<String> tenants = new ArrayList<>();
    for (int task = 0; task < TASKS; task++) {
      for (int i = 0; i < SPREAD.get(task); i++) {
        tenants.add(named(task));
      }
    }
    int steps = tenants.size() - 1;
    for (int i = 0; i <= steps; i++) {
      // Neighbours in a task have sizes far apart.
      double place = (double) (i * 7 % tenants.size()) / steps;
      sizes.put(
          tenants.get(i),
          (int) Math.round(SMALLEST * Math.pow((double) LARGEST / SMALLEST, place)));
    }
    noisy = named(0);
    quiet = named(TASKS - 1);
  }

  private String named(int task) {
    String name = "t" + names++;
    while (task(name) != task) {
      name = "t" + names++;
    }
    return name;
  }

  private static int task(String tenant) {
    return Utils.toPositive(Utils.murmur2(tenant.getBytes(StandardCharsets.UTF_8))) % TASKS;
  }

  /// Tokens of the jobs of each of the tenants that share alike.
  Map<String, Integer> sizes() {
    return Map.copyOf(sizes);
  }

  /// The tenant that wants far more than its share; in the first task.
  String noisy() {
    return noisy;
  }

  /// The tenant that wants less than its share; in the last task.
  String quiet() {
    return quiet;
  }

  private List<String> tenants() {
    return Stream.concat(sizes.keySet().stream().sorted(), Stream.of(noisy, quiet)).toList();
  }

  String configuration() {
    StringBuilder text =
        new StringBuilder("server:\n  topics: {partitions: {router: %d}}\n".formatted(TASKS));
    text.append("tenants:\n");
    for (String tenant : tenants()) {
      text.append(
          "  - {id: %1$s, keys: [{id: bench, secret: \"${env:%2$s}\"}]}%n"
              .formatted(tenant, secretName(tenant)));
    }
    return text.append(
            """
            pools:
              - id: shared
                provider: simulated
                concurrency: %d
                timeouts: {queue: PT1H, connect: PT3S, first_token: PT1H, idle: PT1H, total: PT1H}
                simulation: {first_token: PT0S, tokens_per_second: %d, output_tokens: %d}
            models:
              - {id: bench, routes: [{pool: shared, model: bench-1}]}
            """
                .formatted(SLOTS, TOKENS_PER_SECOND, LARGEST))
        .toString();
  }

  /// Where the secrets are.
  Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    tenants().forEach(tenant -> environment.put(secretName(tenant), secret(tenant)));
    return environment;
  }

  private static String secretName(String tenant) {
    return "SLUICE_BENCH_KEY_" + tenant.toUpperCase(Locale.ROOT);
  }

  private static String secret(String tenant) {
    return "sk-sluice-bench-" + tenant + "-0123456789";
  }

  /// A job that nobody waits for.
  ///
  /// @param tokens of its answer
  static Target job(URI base, String tenant, String priority, int tokens) {
    return Target.post(
        base.resolve("/v1/jobs"),
        Map.of("Authorization", "Bearer " + secret(tenant), "Prefer", "respond-async"),
        "{\"model\":\"bench\",\"priority\":\"%s\",\"max_tokens\":%d,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}"
            .formatted(priority, tokens),
        new Expectation(202, 100, 0));
  }
}
