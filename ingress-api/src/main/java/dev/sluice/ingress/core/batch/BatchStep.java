package dev.sluice.ingress.core.batch;

/// What a runner does next for a batch whose lines are valid.
public sealed interface BatchStep {

  /// Hand in the next lines.
  ///
  /// @param most how many, at least 1
  record Submit(int most) implements BatchStep {}

  /// Write the next lines off without a job: no call may be made for them any more.
  record WriteOff(Ending why) implements BatchStep {}

  /// From now on no line is handed in, and those in flight are told to end.
  record BeginCancel() implements BatchStep {}

  /// Wait for lines in flight.
  record Await() implements BatchStep {}

  /// All lines are done.
  record End(BatchStatus status) implements BatchStep {}

  /// Why a line ended without an answer or an error of its own.
  enum Ending {
    CANCELLED,
    EXPIRED
  }

  /// @param status IN_PROGRESS or CANCELLING
  /// @param submitted lines handed in or written off
  /// @param low lowest line that is not done
  /// @param lateLines lines that were not answered before their deadline
  record Situation(
      BatchStatus status,
      boolean cancelWished,
      boolean late,
      long total,
      long submitted,
      long low,
      int inFlight,
      long lateLines) {}

  /// Most lines of one batch whose jobs have not ended.
  int MAX_IN_FLIGHT = 10_000;

  /// Most lines from the lowest that is not done to the highest submitted one.
  int MAX_SPREAD = 200_000;

  static BatchStep decide(Situation now) {
    if (now.status() == BatchStatus.IN_PROGRESS && now.cancelWished()) {
      return new BeginCancel();
    }
    boolean cancelling = now.status() == BatchStatus.CANCELLING;
    if (now.submitted() < now.total()) {
      if (cancelling || now.late()) {
        return new WriteOff(cancelling ? Ending.CANCELLED : Ending.EXPIRED);
      }
      long room =
          Math.min(MAX_IN_FLIGHT - now.inFlight(), MAX_SPREAD - (now.submitted() - now.low()));
      long left = Math.min(room, now.total() - now.submitted());
      return left > 0 ? new Submit((int) left) : new Await();
    }
    if (now.inFlight() > 0) {
      return new Await();
    }
    return new End(
        cancelling
            ? BatchStatus.CANCELLED
            : now.lateLines() > 0 ? BatchStatus.EXPIRED : BatchStatus.COMPLETED);
  }
}
