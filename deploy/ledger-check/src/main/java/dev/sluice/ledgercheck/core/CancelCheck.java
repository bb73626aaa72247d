package dev.sluice.ledgercheck.core;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/// I13: a confirmed cancel is final, and the provider is left alone.
final class CancelCheck implements Check {

  private static final Duration LAST_NEW_CALL = Duration.ofSeconds(2);
  private static final Duration LAST_OPEN_CALL = Duration.ofSeconds(4);

  @Override
  public void check(JobTrace job, Ledgers ledgers, Consumer<Violation> found) {
    job.cancel().ifPresent(cancel -> checkCancel(job, cancel, found));
    if (job.cancel().isEmpty() && job.finalState() == JobState.CANCELLED && !callerLeft(job)) {
      found.accept(new Violation(Invariant.I13, job.marker(), "cancelled, but nobody asked"));
    }
  }

  /// A waiting call whose caller is gone is cancelled by the gateway itself.
  private static boolean callerLeft(JobTrace job) {
    return switch (job.post().surface()) {
      case CHAT, CHAT_STREAM -> job.answer().isEmpty() || !job.answer().get().complete();
      case JOB, JOB_WAIT, JOB_EVENTS -> false;
    };
  }

  private static void checkCancel(JobTrace job, CancelAnswer cancel, Consumer<Violation> found) {
    if (cancel.httpStatus() == 200
        && cancel.state().terminal()
        && cancel.state() != job.finalState()) {
      found.accept(
          new Violation(
              Invariant.I4,
              job.marker(),
              "the cancel was answered %s, but the job is %s"
                  .formatted(cancel.state(), job.finalState())));
    }
    if (!cancel.confirmed()) {
      return;
    }
    Instant answered = cancel.answeredAt();
    for (Call call : job.calls()) {
      if (call.beganAt().isAfter(answered.plus(LAST_NEW_CALL))) {
        found.accept(
            new Violation(
                Invariant.I13,
                job.marker(),
                "call %s began after the cancel".formatted(call.id())));
      } else if (call.ended().at().isAfter(answered.plus(LAST_OPEN_CALL)) && !job.disturbed(call)) {
        found.accept(
            new Violation(
                Invariant.I13,
                job.marker(),
                "call %s stayed open after the cancel".formatted(call.id())));
      }
    }
    if (job.calls().isEmpty() && !job.charges().isEmpty()) {
      found.accept(
          new Violation(Invariant.I13, job.marker(), "cancelled before any call, yet charged"));
    }
  }
}
