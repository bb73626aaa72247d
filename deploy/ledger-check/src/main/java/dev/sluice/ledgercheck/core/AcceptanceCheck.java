package dev.sluice.ledgercheck.core;

import java.util.function.Consumer;

/// I1 to I3: what was promised ends, what was not promised does not exist, and what is sent again
/// under its key is the same.
final class AcceptanceCheck implements Check {
  @Override
  public void check(JobTrace job, Ledgers ledgers, Consumer<Violation> found) {
    if (job.accepted() && !job.finalState().terminal()) {
      found.accept(
          new Violation(
              Invariant.I1,
              job.marker(),
              "accepted as %s, but no channel shows an end".formatted(job.jobIds())));
    }
    if (job.jobIds().size() > 1) {
      Invariant broken = job.post().keyed() ? Invariant.I3 : Invariant.I2;
      found.accept(new Violation(broken, job.marker(), "one POST made jobs " + job.jobIds()));
    }
    boolean traces = !job.calls().isEmpty() || !job.attempts().isEmpty();
    if (traces && job.answer().isPresent()) {
      Answer answer = job.answer().get();
      if (answer.refused() && !refusedByProvider(job)) {
        found.accept(
            new Violation(
                Invariant.I2,
                job.marker(),
                "refused with %d, yet run".formatted(answer.httpStatus())));
      }
      if (!answer.sent()) {
        found.accept(new Violation(Invariant.I2, job.marker(), "never sent, yet run"));
      }
    }
  }

  /// A waiting caller is shown the provider's own refusal.
  private static boolean refusedByProvider(JobTrace job) {
    return job.calls().stream().anyMatch(call -> call.fault() != ProviderFault.NONE);
  }
}
