package dev.sluice.router.core;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.Limit.Unit;
import dev.sluice.contract.model.Limit.Window;
import dev.sluice.router.core.limits.Block;
import dev.sluice.router.core.limits.Limits;
import dev.sluice.router.core.limits.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Whether a submission becomes a job, as its tenant's limits see it.
public final class AdmissionPolicy {

  private AdmissionPolicy() {}

  /// What limits say.
  public sealed interface AdmissionDecision {
    /// It is a job, perhaps on another model than it asked for.
    record Admitted(Job job) implements AdmissionDecision {}

    /// It is none.
    record Refused(Failure failure) implements AdmissionDecision {}
  }

  public static AdmissionDecision decide(Job job, Limits limits, Instant now) {
    if (!limits.limits(job.tenant())) {
      return new AdmissionDecision.Admitted(job);
    }
    return switch (limits.admit(job.stake(), now)) {
      case Verdict.Admitted _ ->
          new AdmissionDecision.Admitted(job.asking(limits.bounded(job.stake())));
      case Verdict.Downgraded(String model, Block _) ->
          decide(job.downgradedTo(model), limits, now);
      case Verdict.Refused(Block block) ->
          new AdmissionDecision.Refused(failure(block, job.tenant(), now));
      case Verdict.Unpriced _ -> new AdmissionDecision.Refused(unpriced(job));
    };
  }

  /// Why a job that a limit holds back must not wait: its caller would be gone before it began.
  public static Optional<Failure> tooLate(Job job, Block block, Instant now) {
    boolean late =
        job.delivery().attached()
            && block.fitsAt().map(at -> !at.isBefore(job.deadline())).orElse(false);
    return late ? Optional.of(failure(block, job.tenant(), now)) : Optional.empty();
  }

  private static Failure failure(Block block, String tenant, Instant now) {
    Optional<Duration> wait =
        block.never() ? Optional.empty() : block.fitsAt().map(at -> Duration.between(now, at));
    return new Failure(
        code(block),
        FailureCause.REFUSED,
        "tenant " + tenant + ": " + block.said() + advice(block),
        0,
        wait);
  }

  private static String advice(Block block) {
    if (block.never()) {
      return "; it can never run: make it smaller, or raise the limit";
    }
    return block.fitsAt().map(at -> "; it fits from " + at + " on").orElse("")
        + "; GET /v1/quotas shows what is used";
  }

  private static ErrorCode code(Block block) {
    if (block.never()) {
      return ErrorCode.EXCEEDS_LIMIT;
    }
    boolean budget =
        block.limit().unit() == Unit.USD || block.limit().window() instanceof Window.Calendar;
    return budget ? ErrorCode.BUDGET_EXCEEDED : ErrorCode.RATE_LIMITED;
  }

  private static Failure unpriced(Job job) {
    return Failure.of(
        ErrorCode.UNPRICED_MODEL,
        FailureCause.REFUSED,
        "spending is limited, and a route of model "
            + job.model()
            + " has no price; add one to prices, or ask for another model");
  }
}
