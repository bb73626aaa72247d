package dev.sluice.ingress.http;

import dev.sluice.contract.model.Controls;
import dev.sluice.contract.model.LimitLane;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.ingress.core.Hold;
import dev.sluice.ingress.core.JobFacts;
import dev.sluice.ingress.core.QueuePlace;
import dev.sluice.ingress.core.Quote;
import dev.sluice.ingress.core.Status;
import dev.sluice.ingress.json.JsonOut;
import dev.sluice.ingress.log.ControlLog;
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
  private final ControlLog controls;
  private final Supplier<Policy> policy;
  private final InstantSource clock;
  private volatile @Nullable Priced priced;

  private record Priced(long version, PriceBook prices) {}

  Outlook(QueueLog queues, ControlLog controls, Supplier<Policy> policy, InstantSource clock) {
    this.queues = queues;
    this.controls = controls;
    this.policy = policy;
    this.clock = clock;
  }

  /// Its place in the line it waits in; empty when it does not wait, or nobody has told. A copy
  /// stands in no line: it goes when nothing else can.
  Optional<QueuePlace> place(JobFacts facts) {
    boolean stands = facts.status() == Status.QUEUED && facts.copies().of().isEmpty();
    if (!stands || facts.origin().model().isEmpty()) {
      return Optional.empty();
    }
    List<QueuePlace.Line> lines = lines(facts);
    return lines.isEmpty() ? Optional.empty() : QueuePlace.of(facts.id(), lines, clock.instant());
  }

  /// Lines that a job may stand in.
  private List<QueuePlace.Line> lines(JobFacts facts) {
    List<QueuePlace.Line> lines = queues.lines(facts.tenant(), facts.origin().priority());
    if (lines.isEmpty()) {
      return lines;
    }
    Set<String> pools = pools(facts.origin().model());
    return lines.stream().filter(line -> pools.contains(line.pool())).toList();
  }

  /// What holds a job back now. What its writer has said of it alone comes after what somebody has
  /// paused, and before what its whole line is held by: that is told of the line once a second, so
  /// that a hundred thousand jobs behind one limit cost no record each.
  Optional<Hold> held(JobFacts facts) {
    return switch (facts.status()) {
      case QUEUED -> paused(facts).or(() -> heldInLine(facts));
      case HELD -> Optional.of(paused(facts).orElseGet(() -> withNote(told(facts.progress()))));
      case RUNNING, SUCCEEDED, FAILED, CANCELLED, EXPIRED -> Optional.empty();
    };
  }

  private static Hold told(JobFacts.Progress progress) {
    return new Hold(progress.reason(), progress.heldBy(), progress.heldUntil(), "");
  }

  private Optional<Hold> paused(JobFacts facts) {
    Controls current = controls.current();
    String group = facts.origin().whose().group();
    return current
        .ofTenant(facts.tenant())
        .or(() ->
            current.ofJob(
                facts.tenant(),
                group.isEmpty() ? Optional.empty() : Optional.of(group),
                facts.id()))
        .map(Hold::of);
  }

  private Optional<Hold> heldInLine(JobFacts facts) {
    return facts.origin().model().isEmpty()
        ? Optional.empty()
        : QueuePlace.heldIn(lines(facts), lane(facts), clock.instant()).map(this::withNote);
  }

  /// The limits it stands before, as far as the policy in force says.
  private String lane(JobFacts facts) {
    return policy
        .get()
        .tenant(facts.tenant())
        .map(tenant ->
            LimitLane.of(tenant.limits(), facts.origin().whose().keyId(), facts.origin().tags()))
        .orElse("");
  }

  /// Who told of a pool that is paused or drained said which; why is in the control itself.
  private Hold withNote(Hold hold) {
    return controls.current().all().stream()
        .filter(control -> control.target().label().equals(hold.by()))
        .findFirst()
        .map(control -> new Hold(hold.reason(), hold.by(), hold.until(), control.note()))
        .orElse(hold);
  }

  /// The status that a job is shown with.
  Status status(JobFacts facts) {
    return facts.status() == Status.QUEUED && held(facts).isPresent()
        ? Status.HELD
        : facts.status();
  }

  /// The place for a stream on which nothing happens yet: a comment, which every client passes
  /// over.
  Optional<String> said(JobFacts facts) {
    return held(facts)
        .map(hold -> "held: " + hold.reason() + (hold.by().isEmpty() ? "" : " " + hold.by()))
        .or(() -> said(place(facts)));
  }

  private static Optional<String> said(Optional<QueuePlace> found) {
    return found.map(place ->
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
