package dev.sluice.ledgercheck.core;

import java.util.List;
import java.util.function.Consumer;

/// I7 and the provider's key: calls are repeated only where a fault explains it.
final class CallCheck implements Check {
  @Override
  public void check(JobTrace job, Ledgers ledgers, Consumer<Violation> found) {
    List<Call> calls = job.calls();
    long byPolicy = 0;
    long byDisturbance = 0;
    for (Call call : calls) {
      if (!call.key().equals(ledgers.providerKey())) {
        found.accept(
            new Violation(
                Invariant.KEY, job.marker(), "call %s came with another key".formatted(call.id())));
      }
      if (job.disturbed(call)) {
        byDisturbance++;
      } else if (call.fault().excusesRetry()) {
        byPolicy++;
      }
    }
    for (int i = 0; i + 1 < calls.size(); i++) {
      Call call = calls.get(i);
      if (!call.fault().excusesRetry() && !job.disturbed(call)) {
        found.accept(
            new Violation(
                Invariant.I7,
                job.marker(),
                "%d calls, though call %s met no fault".formatted(calls.size(), call.id())));
        return;
      }
    }
    if (byPolicy > ledgers.maxAttempts()) {
      found.accept(
          new Violation(
              Invariant.I7,
              job.marker(),
              "%d calls met provider faults, the policy allows %d (and %d were cut by kills)"
                  .formatted(byPolicy, ledgers.maxAttempts(), byDisturbance)));
    }
  }
}
