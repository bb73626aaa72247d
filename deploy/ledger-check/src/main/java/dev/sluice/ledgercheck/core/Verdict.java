package dev.sluice.ledgercheck.core;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// What the checker found, and how much it looked at.
public record Verdict(List<Violation> violations, Counts counts, Handled handled) {

  /// Offending lines printed for each promise; the ledgers hold the rest.
  private static final int SHOWN_PER_INVARIANT = 10;

  /// @param unanswered POSTs without an answer
  /// @param chargedPico sum of all charges, pico-USD
  public record Counts(
      int posts,
      int accepted,
      int unanswered,
      Map<JobState, Integer> ends,
      int calls,
      int faultyCalls,
      int repeatedCalls,
      int attemptRows,
      int charges,
      long chargedPico,
      long owedPico,
      int disturbances) {

    static Counts of(List<JobTrace> jobs, Ledgers ledgers) {
      Map<JobState, Integer> ends = new EnumMap<>(JobState.class);
      int accepted = 0;
      int unanswered = 0;
      int repeated = 0;
      for (JobTrace job : jobs) {
        if (job.accepted()) {
          accepted++;
          ends.merge(job.finalState(), 1, Integer::sum);
        } else if (job.answer().isEmpty() || job.answer().get().httpStatus() == 0) {
          unanswered++;
        }
        repeated += Math.max(0, job.calls().size() - 1);
      }
      List<CostEntry> rows = ledgers.costs();
      int charges = (int) rows.stream().filter(row -> row.kind().equals(CostEntry.CHARGE)).count();
      return new Counts(
          jobs.size(),
          accepted,
          unanswered,
          ends,
          ledgers.calls().size(),
          (int) ledgers.calls().stream().filter(c -> c.fault() != ProviderFault.NONE).count(),
          repeated,
          rows.size() - charges,
          charges,
          rows.stream().mapToLong(row -> row.chargedPico().orElse(0L)).sum(),
          rows.stream().mapToLong(row -> row.owedPico().orElse(0L)).sum(),
          (int) ledgers.disturbances().stream().filter(Disturbance::hitsSluice).count());
    }
  }

  /// How much there was for limits, cache and failover to do: a verdict on nothing is worth
  /// nothing.
  ///
  /// @param uses how far each limit was used
  /// @param refused POSTs answered 429
  /// @param givenAgain jobs that were given another job's answer
  /// @param coalesced those of them that had waited for it
  /// @param metOutage calls at a provider that was down
  /// @param answeredByOther jobs that the dearer provider then answered
  public record Handled(
      List<LimitUse> uses,
      int refused,
      int givenAgain,
      int coalesced,
      int metOutage,
      int answeredByOther) {

    static Handled of(List<JobTrace> jobs, Ledgers ledgers, List<LimitUse> uses, int givenAgain) {
      return new Handled(
          List.copyOf(uses),
          (int) ledgers.answers().stream().filter(each -> each.httpStatus() == 429).count(),
          givenAgain,
          (int)
              jobs.stream()
                  .filter(
                      job -> job.shownCaches().anyMatch(shown -> shown.kind().equals("coalesced")))
                  .count(),
          (int)
              ledgers.calls().stream().filter(call -> call.fault() == ProviderFault.OUTAGE).count(),
          (int) jobs.stream().filter(Handled::answeredByOther).count());
    }

    private static boolean answeredByOther(JobTrace job) {
      return job.finalState() == JobState.SUCCEEDED
          && job.calls().stream().anyMatch(call -> call.fault() == ProviderFault.OUTAGE)
          && job.calls().getLast().model().equals(PriceTable.SECOND_MODEL);
    }

    private List<String> lines() {
      List<String> lines = new ArrayList<>();
      uses.forEach(use -> lines.add("limit of %s: %d".formatted(use.limit(), use.most())));
      lines.add(
          "refused by limits %d, given an answer again %d (%d had waited for it)"
              .formatted(refused, givenAgain, coalesced));
      lines.add(
          "calls at a provider that was down %d, then answered by the other %d"
              .formatted(metOutage, answeredByOther));
      return lines;
    }
  }

  public boolean clean() {
    return violations.isEmpty();
  }

  /// The report, one fact a line; the last line is the verdict.
  public List<String> lines(long seed) {
    List<String> lines = new ArrayList<>();
    lines.add("seed " + seed);
    lines.add(
        "posts %d, accepted %d, without answer %d, ends %s"
            .formatted(counts.posts(), counts.accepted(), counts.unanswered(), counts.ends()));
    lines.add(
        "provider calls %d, with a fault %d, repeats %d, kills and freezes %d"
            .formatted(
                counts.calls(),
                counts.faultyCalls(),
                counts.repeatedCalls(),
                counts.disturbances()));
    lines.add(
        "attempt rows %d, charges %d, charged %d pico-USD, owed %d pico-USD"
            .formatted(
                counts.attemptRows(), counts.charges(), counts.chargedPico(), counts.owedPico()));
    lines.addAll(handled.lines());
    for (Invariant invariant : Invariant.values()) {
      List<Violation> own =
          violations.stream().filter(each -> each.invariant() == invariant).toList();
      lines.add("%-8s %5d  %s".formatted(invariant, own.size(), invariant.promise()));
      own.stream().limit(SHOWN_PER_INVARIANT).forEach(each -> lines.add("        " + each));
    }
    lines.add(
        clean()
            ? "ledger check: clean (%d jobs, %d kills and freezes)"
                .formatted(counts.accepted(), counts.disturbances())
            : "ledger check: %d violations".formatted(violations.size()));
    return lines;
  }
}
