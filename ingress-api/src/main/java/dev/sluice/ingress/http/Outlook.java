package dev.sluice.ingress.http;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.ingress.core.JobFacts;
import dev.sluice.ingress.core.QueuePlace;
import dev.sluice.ingress.core.Quote;
import dev.sluice.ingress.core.Status;
import dev.sluice.ingress.json.JsonOut;
import dev.sluice.ingress.log.QueueLog;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What a job that has not begun may expect: its place, its turn and its price. Safe for use by
/// many threads.
final class Outlook {
  private final QueueLog queues;
  private final Supplier<Policy> policy;
  private final InstantSource clock;
  private volatile @Nullable Priced priced;

  private record Priced(long version, PriceBook prices) {}

  Outlook(QueueLog queues, Supplier<Policy> policy, InstantSource clock) {
    this.queues = queues;
    this.policy = policy;
    this.clock = clock;
  }

  /// Its place in the line it waits in; empty when it does not wait, or nobody has told.
  Optional<QueuePlace> place(JobFacts facts) {
    if (facts.status() != Status.QUEUED || facts.origin().model().isEmpty()) {
      return Optional.empty();
    }
    List<QueuePlace.Line> lines = queues.lines(facts.tenant(), facts.origin().priority());
    if (lines.isEmpty()) {
      return Optional.empty();
    }
    Set<String> pools = pools(facts.origin().model());
    return QueuePlace.of(
        facts.id(),
        lines.stream().filter(line -> pools.contains(line.pool())).toList(),
        clock.instant());
  }

  /// The place for a stream on which nothing happens yet: a comment, which every client passes
  /// over.
  Optional<String> said(JobFacts facts) {
    return place(facts)
        .map(place ->
            "position "
                + place.position()
                + (place.etaSeconds().isPresent()
                    ? ", about " + place.etaSeconds().getAsLong() + " s"
                    : ""));
  }

  private Set<String> pools(String model) {
    return policy.get().model(model).stream()
        .flatMap(plan ->
            Stream.concat(
                plan.routes().stream().map(Policy.Route::pool),
                plan.fallback().stream().map(Policy.Fallback::pool)))
        .collect(Collectors.toSet());
  }

  /// What it may cost at the prices in force; empty when its model is not served any more.
  Optional<Quote> quote(JobFacts facts) {
    JobFacts.Origin origin = facts.origin();
    return policy
        .get()
        .model(origin.model())
        .map(plan -> Quote.of(origin.size(), plan, origin.model(), prices(), clock.instant()));
  }

  private PriceBook prices() {
    Policy current = policy.get();
    @Nullable Priced known = priced;
    if (known == null || known.version != current.version()) {
      known = new Priced(current.version(), PriceBook.of(current));
      priced = known;
    }
    return known.prices;
  }

  /// The members `position`, `eta_seconds` and `quote` of a job; null once it has begun.
  void write(JsonOut out, JobFacts facts) {
    Optional<QueuePlace> place = place(facts);
    out.name("position");
    place.ifPresentOrElse(found -> out.number(found.position()), out::nothing);
    out.name("eta_seconds");
    place
        .filter(found -> found.etaSeconds().isPresent())
        .ifPresentOrElse(found -> out.number(found.etaSeconds().getAsLong()), out::nothing);
    out.name("quote");
    boolean waits = facts.status() == Status.QUEUED || facts.status() == Status.HELD;
    (waits ? quote(facts) : Optional.<Quote>empty())
        .ifPresentOrElse(found -> write(out, found), out::nothing);
  }

  private static void write(JsonOut out, Quote quote) {
    out.beginObject().field("input_tokens", quote.inputTokens()).name("max_output_tokens");
    if (quote.maxOutputTokens().isPresent()) {
      out.number(quote.maxOutputTokens().getAsLong());
    } else {
      out.nothing();
    }
    out.textOrNull("least_usd", quote.leastUsd().map(JobJson::decimal).orElse(null))
        .textOrNull("most_usd", quote.mostUsd().map(JobJson::decimal).orElse(null))
        .endObject();
  }
}
