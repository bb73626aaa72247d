package dev.sluice.ledgercheck.core;

import java.util.function.Consumer;

/// I6 and I9: every call has exactly one attempt row with the right usage, every row its call.
///
/// A call whose counts were reported needs the row with just these counts, a cut one a row near
/// them, a refused one a row without tokens. A row that needs no call is paired last.
final class AttemptRowCheck implements Check {

  /// Allowed error of an estimate: 16 tokens or 2 %, whichever is more.
  private static final long ESTIMATE_TOKENS = 16;

  private static final long ESTIMATE_PERCENT = 2;

  @Override
  public void check(JobTrace job, Ledgers ledgers, Consumer<Violation> found) {
    Pairing pairing =
        new Pairing(
            job.calls(),
            job.attempts(),
            (call, row) -> fits(job, call, row),
            row -> !claimedButNeverCalled(job, row));
    pairing.callsLeft().forEach(call -> reportUnmatched(job, call, found));
    pairing.rowsLeft().stream()
        .filter(row -> !claimedButNeverCalled(job, row))
        .forEach(row ->
            found.accept(
                new Violation(
                    Invariant.I6,
                    job.marker(),
                    "row %s %s explains no call".formatted(row.entryId(), row.tokens()))));
  }

  /// A worker can die, or be told to stop, between its claim and its call. Nobody then knows
  /// whether the prompt was sent, so it may be owed; an answer cannot be.
  private static boolean claimedButNeverCalled(JobTrace job, CostEntry row) {
    boolean stopped =
        job.finalState() == JobState.CANCELLED
            || job.disturbedBetween(job.post().at(), row.at().plus(JobTrace.OUTCOME_GRACE));
    return stopped && !row.reported() && row.completion() == 0;
  }

  private static void reportUnmatched(JobTrace job, Call call, Consumer<Violation> found) {
    boolean counted = job.attempts().size() >= job.calls().size();
    String seen = job.attempts().stream().map(AttemptRowCheck::brief).toList().toString();
    found.accept(
        new Violation(
            counted ? Invariant.I9 : Invariant.I6,
            job.marker(),
            "call %s (%s, %s, %d of %s sent, usage sent %s) has no row among %s"
                .formatted(
                    call.id(),
                    call.fault(),
                    call.ended().how(),
                    call.ended().outputTokensSent(),
                    call.tokens().byKind(),
                    call.ended().usageSent(),
                    seen)));
  }

  private static String brief(CostEntry row) {
    return row.entryId() + " " + row.usageSource() + " " + row.tokens();
  }

  /// What a kill or a cancel brings only adds to what the call's own end allows.
  private static boolean fits(JobTrace job, Call call, CostEntry row) {
    if (!row.providerModel().equals(call.model())) {
      return false;
    }
    // Who closes the connection after the counts has read them all the same.
    if (call.ended().usageSent() && row.reported() && row.tokens().equals(call.tokens().byKind())) {
      return true;
    }
    // The worker died or was overtaken: nobody can know what it had read.
    if (job.disturbed(call) && !row.reported()) {
      return true;
    }
    // The worker may have been told to stop anywhere in the call. What it does report, such as a
    // refusal that came before the cancel, is judged like any other.
    if (job.cancelledDuring(call) && !row.reported() && (row.total() == 0 || notAbove(call, row))) {
      return true;
    }
    return switch (billOf(call)) {
      case EXACT -> false;
      case PARTIAL -> row.estimated() && near(call, row);
      case NOTHING -> row.total() == 0;
      case UNKNOWN -> !row.reported() || row.total() == 0;
    };
  }

  private static ProviderFault.Bill billOf(Call call) {
    if (call.reported()) {
      return ProviderFault.Bill.EXACT;
    }
    ProviderFault.Bill bill = call.fault().bill();
    boolean partial = bill == ProviderFault.Bill.EXACT || bill == ProviderFault.Bill.PARTIAL;
    if (!partial) {
      return bill;
    }
    // A plain answer that broke off shows no tokens that could be counted.
    boolean readable = call.stream() || call.fault() == ProviderFault.MISSING_USAGE;
    return readable && call.ended().outputTokensSent() > 0
        ? ProviderFault.Bill.PARTIAL
        : ProviderFault.Bill.UNKNOWN;
  }

  private static boolean near(Call call, CostEntry row) {
    return near(call.tokens().prompt(), row.prompt())
        && near(call.ended().outputTokensSent(), row.completion());
  }

  /// What left for a caller that was leaving is the most that it can have read.
  private static boolean notAbove(Call call, CostEntry row) {
    return near(call.tokens().prompt(), row.prompt())
        && row.completion() <= call.ended().outputTokensSent() + ESTIMATE_TOKENS;
  }

  private static boolean near(long truth, long estimate) {
    long allowed = Math.max(ESTIMATE_TOKENS, truth * ESTIMATE_PERCENT / 100);
    return Math.abs(truth - estimate) <= allowed;
  }
}
