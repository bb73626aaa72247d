package dev.sluice.metering.core;

import dev.sluice.metering.core.CostLine.Attempt;
import dev.sluice.metering.core.CostLine.Charge;
import java.util.List;

/// Which lines a settled call adds. What is owed is identified by the call, what is charged by the
/// job: so each call is owed once and each job charged at most once, however often and in whatever
/// order the ledger tells of them.
public sealed interface RowDecision {

  /// Everything it says has been counted.
  record Repeat() implements RowDecision {}

  /// @param lines not empty
  /// @param counted what of the job is counted with them
  record Count(List<CostLine> lines, CountedJob counted) implements RowDecision {
    public Count {
      lines = List.copyOf(lines);
    }
  }

  /// A call that was not counted yet claims the charge of a job that is charged already: the call
  /// is owed, the second charge is refused. Only a defect upstream leads here.
  record RefuseSecondCharge(Attempt line, CountedJob counted) implements RowDecision {}

  static RowDecision decide(SettledCall call, CountedJob counted) {
    boolean newCall = call.called() && !counted.attempts().contains(call.entryId());
    boolean newCharge = call.delivered() && !counted.charged();
    Attempt attempt = new Attempt(call.entryId(), call.owed(), call.gpuMicros());
    Charge charge = new Charge(call.jobId(), call.charged(), call.tokens());
    if (newCall && newCharge) {
      return new Count(List.of(attempt, charge), counted.withAttempt(call.entryId()).withCharge());
    }
    if (newCharge) {
      return new Count(List.of(charge), counted.withCharge());
    }
    if (!newCall) {
      return new Repeat();
    }
    CountedJob after = counted.withAttempt(call.entryId());
    return call.delivered()
        ? new RefuseSecondCharge(attempt, after)
        : new Count(List.of(attempt), after);
  }
}
