package dev.sluice.router.topology;

import dev.sluice.contract.avro.RejectedRoute;
import dev.sluice.router.core.RouteChoice;
import dev.sluice.router.core.RouteFacts;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// What routing asked and why it chose, as records, and back.
final class RouteChoices {
  private RouteChoices() {}

  /// Null where nothing is told.
  static dev.sluice.contract.avro.@Nullable RouteChoice record(RouteChoice choice) {
    return choice.equals(RouteChoice.UNTOLD)
        ? null
        : new dev.sluice.contract.avro.RouteChoice(
            choice.policy(), choice.variant().orElse(null), records(choice.rejected()));
  }

  /// Why no route could be taken; null where nothing is told.
  static dev.sluice.contract.avro.@Nullable RouteChoice held(List<RouteChoice.Rejected> rejected) {
    return rejected.isEmpty()
        ? null
        : new dev.sluice.contract.avro.RouteChoice(null, null, records(rejected));
  }

  static List<RejectedRoute> records(List<RouteChoice.Rejected> rejected) {
    return rejected.stream()
        .map(one -> new RejectedRoute(one.pool(), one.model(), one.why()))
        .toList();
  }

  static RouteChoice choice(dev.sluice.contract.avro.@Nullable RouteChoice record) {
    if (record == null) {
      return RouteChoice.UNTOLD;
    }
    String policy = record.getPolicy();
    return new RouteChoice(
        policy == null ? "" : policy,
        Optional.ofNullable(record.getVariant()),
        rejected(record.getRejected()));
  }

  static List<RouteChoice.Rejected> rejected(List<RejectedRoute> records) {
    return records.stream()
        .map(one -> new RouteChoice.Rejected(one.getPool(), one.getProviderModel(), one.getWhy()))
        .toList();
  }

  static dev.sluice.contract.avro.RouteFacts record(RouteFacts facts) {
    return new dev.sluice.contract.avro.RouteFacts(
        facts.endpoint(),
        facts.inputTokens(),
        facts.maxOutputTokens().isPresent() ? facts.maxOutputTokens().getAsLong() : null,
        facts.tags(),
        facts.headers());
  }

  static RouteFacts facts(dev.sluice.contract.avro.RouteFacts record) {
    return new RouteFacts(
        record.getEndpoint(),
        record.getInputTokens(),
        limit(record.getMaxOutputTokens()),
        record.getTags(),
        record.getRequestHeaders());
  }

  /// A limit as records have it.
  static OptionalLong limit(@Nullable Long tokens) {
    return tokens == null ? OptionalLong.empty() : OptionalLong.of(tokens);
  }
}
