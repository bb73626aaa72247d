package dev.sluice.ledgercheck.core;

import java.util.ArrayList;
import java.util.List;

/// Joins the ledgers and judges every promise. Pure: the same ledgers give the same verdict.
public final class Checker {
  private Checker() {}

  public static Verdict check(Ledgers ledgers) {
    Join join = Join.of(ledgers);
    CacheCheck caches = new CacheCheck(join.traces());
    List<Violation> found = new ArrayList<>(join.strays());
    List<Check> checks =
        List.of(
            new AcceptanceCheck(),
            new StateCheck(),
            new CallCheck(),
            new AttemptRowCheck(),
            new MoneyCheck(),
            new AnswerCheck(ledgers.calls()),
            new CancelCheck(),
            caches,
            new FailoverCheck(ledgers.calls()));
    for (JobTrace job : join.traces()) {
      checks.forEach(check -> check.check(job, ledgers, found::add));
    }
    List<LimitUse> uses = new LimitCheck(join.traces(), ledgers).check(found::add);
    checkTotals(ledgers, found);
    int again = (int) join.traces().stream().filter(caches::again).count();
    return new Verdict(
        List.copyOf(found),
        Verdict.Counts.of(join.traces(), ledgers),
        Verdict.Handled.of(join.traces(), ledgers, uses, again));
  }

  private static void checkTotals(Ledgers ledgers, List<Violation> found) {
    if (ledgers.totals().isEmpty()) {
      return;
    }
    Totals shown = ledgers.totals().get();
    Totals rows = Totals.of(ledgers.costs());
    if (!shown.equals(rows)) {
      found.add(
          new Violation(
              Invariant.I8,
              "all jobs",
              "the costs call shows %s, the rows %s".formatted(shown, rows)));
    }
  }
}
