package dev.sluice.ingress.http;

import dev.sluice.contract.avro.QuotaReading;
import dev.sluice.contract.model.Limit;
import dev.sluice.contract.model.Limit.Part;
import dev.sluice.contract.model.Limit.Unit;
import dev.sluice.contract.model.Limit.Window;
import dev.sluice.contract.model.Policy;
import dev.sluice.ingress.core.Principal;
import dev.sluice.ingress.log.QuotaLog;
import io.undertow.util.HttpString;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// The vendors' headers of rate limits: of each unit the rolling limit of which the least is left,
/// of those that every call with this key meets. What they say is what the tenant's writer said a
/// fraction of a second ago, reservations included.
final class RateHeaders {
  private static final List<Unit> OPENAI = List.of(Unit.REQUESTS, Unit.TOKENS);
  private static final List<Unit> ANTHROPIC =
      List.of(Unit.REQUESTS, Unit.TOKENS, Unit.INPUT_TOKENS, Unit.OUTPUT_TOKENS);

  private final QuotaLog quotas;
  private final Supplier<Policy> policy;
  private final InstantSource clock;

  RateHeaders(QuotaLog quotas, Supplier<Policy> policy, InstantSource clock) {
    this.quotas = quotas;
    this.policy = policy;
    this.clock = clock;
  }

  /// What is left of one limit.
  ///
  /// @param resets when nothing of what is used now counts any more
  private record Left(long limit, long left, Instant resets) {}

  void write(Call call) {
    Principal caller = call.principal();
    List<Limit> limits =
        policy.get().tenant(caller.tenant()).map(Policy.Tenant::limits).orElse(List.of());
    if (limits.isEmpty()) {
      return;
    }
    Instant now = clock.instant();
    Map<String, QuotaReading> told = new HashMap<>();
    quotas
        .of(caller.tenant())
        .ifPresent(
            state -> state.getLimits().forEach(reading -> told.put(reading.getLimit(), reading)));
    switch (call.surface()) {
      case OPENAI ->
          OPENAI.forEach(unit ->
              least(limits, told, caller, unit, now)
                  .ifPresent(left -> openAi(call, unit, left, now)));
      case ANTHROPIC ->
          ANTHROPIC.forEach(unit ->
              least(limits, told, caller, unit, now)
                  .ifPresent(left -> anthropic(call, unit, left)));
      case NATIVE -> {}
    }
  }

  private static Optional<Left> least(
      List<Limit> limits,
      Map<String, QuotaReading> told,
      Principal caller,
      Unit unit,
      Instant now) {
    return limits.stream()
        .filter(limit -> limit.unit() == unit && limit.window() instanceof Window.Rolling)
        .filter(limit -> meets(limit.part(), caller.keyId()))
        .map(limit -> left(limit, told.get(limit.key()), now))
        .min((a, b) -> Double.compare(share(a), share(b)));
  }

  private static boolean meets(Part part, String keyId) {
    return switch (part) {
      case Part.Whole _ -> true;
      case Part.Team team -> team.keys().contains(keyId);
      case Part.Key key -> key.id().equals(keyId);
      case Part.Tag _ -> false;
    };
  }

  private static Left left(
      Limit limit, @org.jspecify.annotations.Nullable QuotaReading told, Instant now) {
    if (told == null) {
      return new Left(limit.amount(), limit.amount(), now);
    }
    Instant resets = told.getResetsAt();
    long left = Math.max(0, limit.amount() - told.getUsed() - told.getReserved());
    return new Left(limit.amount(), left, resets == null || resets.isBefore(now) ? now : resets);
  }

  private static double share(Left left) {
    return (double) left.left() / left.limit();
  }

  private static void openAi(Call call, Unit unit, Left left, Instant now) {
    call.with(header("x-ratelimit-limit-" + unit.key()), Long.toString(left.limit()))
        .with(header("x-ratelimit-remaining-" + unit.key()), Long.toString(left.left()))
        .with(
            header("x-ratelimit-reset-" + unit.key()), span(Duration.between(now, left.resets())));
  }

  private static void anthropic(Call call, Unit unit, Left left) {
    String name = "anthropic-ratelimit-" + unit.key().replace('_', '-');
    call.with(header(name + "-limit"), Long.toString(left.limit()))
        .with(header(name + "-remaining"), Long.toString(left.left()))
        .with(header(name + "-reset"), left.resets().toString());
  }

  private static HttpString header(String name) {
    return new HttpString(name);
  }

  /// As OpenAI writes it: `1h2m3s`, `6m0s`, `1s`, `120ms`.
  static String span(Duration span) {
    if (span.compareTo(Duration.ofSeconds(1)) < 0) {
      return span.toMillis() + "ms";
    }
    long seconds = span.plusMillis(999).toSeconds();
    StringBuilder text = new StringBuilder();
    if (seconds >= 3_600) {
      text.append(seconds / 3_600).append('h');
    }
    if (seconds >= 60) {
      text.append(seconds % 3_600 / 60).append('m');
    }
    return text.append(seconds % 60).append('s').toString();
  }
}
