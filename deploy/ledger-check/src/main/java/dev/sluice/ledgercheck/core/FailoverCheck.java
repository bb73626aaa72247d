package dev.sluice.ledgercheck.core;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/// A provider that is down loses no job that the other one could run, and once that is known it is
/// left alone.
final class FailoverCheck implements Check {
  /// From a call that failed until nobody may call there any more: five failures in a row, or one
  /// and a failed probe of a second, on a busy machine.
  private static final Duration UNTIL_KNOWN = Duration.ofSeconds(5);

  private final List<Call> atTheDead;

  FailoverCheck(List<Call> calls) {
    atTheDead = calls.stream().filter(call -> call.fault() == ProviderFault.OUTAGE).toList();
  }

  @Override
  public void check(JobTrace job, Ledgers ledgers, Consumer<Violation> found) {
    boolean other =
        job.calls().stream().anyMatch(call -> call.model().equals(PriceTable.SECOND_MODEL))
            || job.attempts().stream().anyMatch(FailoverCheck::lostOnItsWayToTheOther);
    boolean last = !job.calls().isEmpty() && job.calls().getLast().fault() == ProviderFault.OUTAGE;
    if (job.finalState() == JobState.FAILED && last && !other) {
      found.accept(
          new Violation(
              Invariant.FAILOVER,
              job.marker(),
              "failed with its provider, and the other one was not asked"));
    }
    for (Call call : job.calls()) {
      if (call.fault() == ProviderFault.OUTAGE && knownSince(call, ledgers)) {
        found.accept(
            new Violation(
                Invariant.FAILOVER,
                job.marker(),
                "call %s went to a provider that had been down for long".formatted(call.id())));
      }
    }
  }

  /// A worker that was killed before its call arrived had asked the other one all the same.
  private static boolean lostOnItsWayToTheOther(CostEntry attempt) {
    return attempt.providerModel().equals(PriceTable.SECOND_MODEL)
        && attempt.usageSource().equals("UNKNOWN");
  }

  /// Whether another call had failed there so long before, and nothing was killed or frozen since:
  /// a worker that has just started takes every provider to be well.
  private boolean knownSince(Call call, Ledgers ledgers) {
    Instant before = call.beganAt().minus(UNTIL_KNOWN);
    return atTheDead.stream()
        .filter(failed -> failed.ended().at().isBefore(before))
        .anyMatch(failed ->
            ledgers.disturbances().stream().noneMatch(each -> excuses(each, failed, call)));
  }

  private static boolean excuses(Disturbance each, Call failed, Call call) {
    return each.hitsSluice()
        ? each.overlaps(failed.beganAt(), call.beganAt())
        : separates(each, failed, call);
  }

  /// Two outages are two things to learn.
  private static boolean separates(Disturbance outage, Call failed, Call call) {
    return outage.at().isAfter(failed.ended().at()) && !outage.at().isAfter(call.beganAt());
  }
}
