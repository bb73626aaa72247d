package dev.sluice.ledgercheck.core;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// I10: what was used of each limit, counted by the provider's calls and finance's rows, never
/// exceeds it; and when all is over nothing is reserved, and Sluice says the same of what is used.
final class LimitCheck {
  /// Between a job's claim, from which it counts, and the call that the provider sees. After a
  /// refusal for its rate a pool's calls wait for up to 2 s.
  private static final Duration CLAIM_TO_CALL = Duration.ofMillis(2_500);

  /// How late the provider may notice that its caller has left.
  private static final Duration NOTICE = Duration.ofMillis(250);

  private final List<JobTrace> traces;
  private final Ledgers ledgers;

  LimitCheck(List<JobTrace> traces, Ledgers ledgers) {
    this.traces = traces;
    this.ledgers = ledgers;
  }

  /// What a job surely took of a limit, at some time between the two.
  private record Item(Instant from, Instant until, long amount) {}

  List<LimitUse> check(Consumer<Violation> found) {
    List<LimitUse> uses = new ArrayList<>();
    for (Limit limit : ledgers.limits()) {
      LimitUse use = new LimitUse(limit, most(limit));
      uses.add(use);
      if (use.most() > limit.amount()) {
        found.accept(
            new Violation(
                Invariant.I10,
                limit.account().id(),
                "%s, yet %d were used".formatted(limit, use.most())));
      }
      checkReadings(limit, found);
    }
    return uses;
  }

  private long most(Limit limit) {
    return limit.unit() == Limit.Unit.IN_FLIGHT
        ? mostOpen(limit.account())
        : limit.rolling().map(window -> mostWithin(limit, window)).orElseGet(() -> total(limit));
  }

  private List<JobTrace> of(Account account) {
    return traces.stream().filter(job -> job.post().account() == account).toList();
  }

  /// A job that got no answer gives back what it took.
  private static long amount(JobTrace job, Limit limit) {
    if (job.finalState() != JobState.SUCCEEDED) {
      return 0;
    }
    return limit.unit() == Limit.Unit.REQUESTS
        ? 1
        : job.charges().stream().mapToLong(row -> row.chargedPico().orElse(0L)).sum();
  }

  private long total(Limit limit) {
    return of(limit.account()).stream().mapToLong(job -> amount(job, limit)).sum();
  }

  /// The most that surely falls into one window: a job counts where all times at which its claim
  /// can have been counted lie within.
  private long mostWithin(Limit limit, Duration window) {
    List<Item> items = new ArrayList<>();
    for (JobTrace job : of(limit.account())) {
      long amount = amount(job, limit);
      if (amount > 0 && !job.calls().isEmpty()) {
        items.add(item(job, amount));
      }
    }
    items.sort(Comparator.comparing(Item::from));
    long most = 0;
    for (int first = 0; first < items.size(); first++) {
      Instant end = items.get(first).from().plus(window);
      long sum = 0;
      for (int i = first; i < items.size() && items.get(i).from().isBefore(end); i++) {
        sum += items.get(i).until().isBefore(end) ? items.get(i).amount() : 0;
      }
      most = Math.max(most, sum);
    }
    return most;
  }

  private Item item(JobTrace job, long amount) {
    Instant called = job.calls().getFirst().beganAt();
    Instant from = called.minus(CLAIM_TO_CALL);
    Instant until = called;
    for (Disturbance each : ledgers.disturbances()) {
      // The claim may have been made before the kill, or be read after it.
      if (each.hitsSluice() && each.overlaps(job.post().at(), called.plus(CLAIM_TO_CALL))) {
        from = job.post().at();
        until = later(until, each.until().plus(CLAIM_TO_CALL));
      }
    }
    return new Item(from, until, amount);
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  private record Edge(Instant at, int more) {}

  private long mostOpen(Account account) {
    List<Edge> edges = new ArrayList<>();
    for (JobTrace job : of(account)) {
      for (Call call : job.calls()) {
        Instant end = endOf(call);
        if (end.isAfter(call.beganAt())) {
          edges.add(new Edge(call.beganAt(), 1));
          edges.add(new Edge(end, -1));
        }
      }
    }
    edges.sort(Comparator.comparing(Edge::at).thenComparingInt(Edge::more));
    long open = 0;
    long most = 0;
    for (Edge edge : edges) {
      open += edge.more();
      most = Math.max(most, open);
    }
    return most;
  }

  /// A call of a worker that was killed or frozen meanwhile is only the provider's from then on.
  private Instant endOf(Call call) {
    Call.Ended ended = call.ended();
    Instant end = ended.how() == Call.How.CLOSED_BY_CALLER ? ended.at().minus(NOTICE) : ended.at();
    for (Disturbance each : ledgers.disturbances()) {
      if (each.hitsWorkers() && each.overlaps(call.beganAt(), end) && each.at().isBefore(end)) {
        end = each.at();
      }
    }
    return end;
  }

  private void checkReadings(Limit limit, Consumer<Violation> found) {
    for (boolean restarted : List.of(false, true)) {
      Optional<QuotaReading> told =
          ledgers.quotas().stream()
              .filter(reading -> reading.of(limit) && reading.restarted() == restarted)
              .max(Comparator.comparing(QuotaReading::at));
      String when = restarted ? "after the restart" : "at the end";
      if (told.isEmpty() || told.get().limit() != limit.amount()) {
        report(limit, "is not among the quotas %s: %s".formatted(when, told), found);
        continue;
      }
      QuotaReading reading = told.get();
      if (reading.reserved() != 0) {
        report(limit, "%d are still reserved %s".formatted(reading.reserved(), when), found);
      }
      boolean moves = limit.unit() == Limit.Unit.IN_FLIGHT || limit.rolling().isPresent();
      long used = moves ? Math.min(reading.used(), limit.amount()) : total(limit);
      if (reading.used() != used) {
        report(
            limit,
            "%d are used %s, by rows and jobs %d".formatted(reading.used(), when, used),
            found);
      }
    }
  }

  private static void report(Limit limit, String text, Consumer<Violation> found) {
    found.accept(
        new Violation(Invariant.I10, limit.account().id(), "%s: %s".formatted(limit, text)));
  }
}
