package dev.sluice.ledgercheck.core;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// What the checker found, and how much it looked at.
public record Verdict(List<Violation> violations, Counts counts) {

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
          ledgers.disturbances().size());
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
    for (Invariant invariant : Invariant.values()) {
      List<Violation> own =
          violations.stream().filter(each -> each.invariant() == invariant).toList();
      lines.add("%-5s %5d  %s".formatted(invariant, own.size(), invariant.promise()));
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
