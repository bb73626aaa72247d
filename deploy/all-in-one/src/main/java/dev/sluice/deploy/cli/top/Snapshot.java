package dev.sluice.deploy.cli.top;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What `top` reads at one moment: totals since each process began, and what is the case now.
///
/// @param admitted jobs
/// @param inputTokens of all kinds, used by calls
/// @param chargedUsd as far as priced
public record Snapshot(
    double admitted,
    double ended,
    double retried,
    double unplaced,
    double inputTokens,
    double outputTokens,
    double chargedUsd,
    double owedUsd,
    double policyVersion,
    Held held,
    List<Pool> pools) {

  /// Classes, most urgent first.
  public static final List<String> CLASSES = List.of("interactive", "standard", "batch");

  private static final List<String> INPUT =
      List.of("input", "cached_input", "cache_write_5m", "cache_write_1h", "audio_input", "image");
  private static final List<String> OUTPUT = List.of("output", "reasoning", "audio_output");

  /// Causes for which a provider is to blame.
  private static final List<String> FAULTS =
      List.of("throttled", "down", "timeout", "invalid_key", "bad_answer");

  /// One pool.
  ///
  /// @param waiting by class
  /// @param firstTokenSeconds sum over the calls that had one
  /// @param down workers that do not call it
  /// @param pausedSeconds how long its provider still wants to be left alone
  /// @param stopped `paused` or `draining` where an operator said so; else empty
  public record Pool(
      String name,
      Map<String, Waiting> waiting,
      double slots,
      double inFlight,
      double calls,
      double faults,
      double firstTokenSeconds,
      double firstTokens,
      double down,
      double pausedSeconds,
      String stopped) {}

  /// What is paused, count.
  public record Held(double tenants, double groups, double jobs) {}

  /// @param oldestSeconds age of the oldest
  public record Waiting(double jobs, double oldestSeconds) {}

  public Snapshot {
    pools = List.copyOf(pools);
  }

  public static Snapshot of(Samples samples) {
    return new Snapshot(
        samples.sum("sluice_router_jobs_admitted_total"),
        samples.sum("sluice_router_jobs_ended_total"),
        samples.sum("sluice_router_attempts_retried_total"),
        samples.sum("sluice_router_unplaced"),
        tokens(samples, INPUT),
        tokens(samples, OUTPUT),
        samples.sum("sluice_metering_charged_usd_total"),
        samples.sum("sluice_metering_owed_usd_total"),
        samples.max("sluice_policy_version", Map.of()),
        new Held(held(samples, "tenant"), held(samples, "group"), held(samples, "job")),
        samples
            .values(
                "pool",
                "sluice_worker_slots",
                "sluice_router_waiting",
                "sluice_worker_outcomes_total")
            .stream()
            .map(name -> pool(name, samples))
            .toList());
  }

  public double waiting() {
    return pools.stream()
        .flatMap(pool -> pool.waiting.values().stream())
        .mapToDouble(Waiting::jobs)
        .sum();
  }

  private static double tokens(Samples samples, List<String> kinds) {
    return kinds.stream()
        .mapToDouble(kind -> samples.sum("sluice_worker_tokens_total", Map.of("kind", kind)))
        .sum();
  }

  private static Pool pool(String name, Samples samples) {
    Map<String, String> pool = Map.of("pool", name);
    Map<String, Waiting> waiting = new LinkedHashMap<>();
    for (String one : CLASSES) {
      Map<String, String> place = Map.of("pool", name, "class", one);
      waiting.put(
          one,
          new Waiting(
              samples.sum("sluice_router_waiting", place),
              samples.max("sluice_router_waiting_oldest_seconds", place)));
    }
    String outcomes = "sluice_worker_outcomes_total";
    return new Pool(
        name,
        waiting,
        samples.sum("sluice_worker_slots", pool),
        samples.sum("sluice_worker_slots_used", pool),
        samples.sum(outcomes, Map.of("pool", name, "called", "true")),
        FAULTS.stream()
            .mapToDouble(cause ->
                samples.sum(outcomes, Map.of("pool", name, "cause", cause, "called", "true")))
            .sum(),
        samples.sum("sluice_worker_time_to_first_token_seconds_sum", pool),
        samples.sum("sluice_worker_time_to_first_token_seconds_count", pool),
        samples.sum("sluice_worker_breaker_open", pool),
        samples.max("sluice_worker_paused_seconds", pool),
        stopped(samples, name));
  }

  /// Every router process tells the same.
  private static double held(Samples samples, String kind) {
    return samples.max("sluice_router_controls", Map.of("kind", kind));
  }

  private static String stopped(Samples samples, String pool) {
    for (String mode : List.of("paused", "draining")) {
      Map<String, String> place = Map.of("pool", pool, "mode", mode);
      if (samples.max("sluice_router_pool_stopped", place) > 0) {
        return mode;
      }
    }
    return "";
  }
}
