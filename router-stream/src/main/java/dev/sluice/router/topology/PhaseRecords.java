package dev.sluice.router.topology;

import dev.sluice.contract.avro.JobImage;
import dev.sluice.contract.avro.JobPhase;
import dev.sluice.contract.avro.JobStatus;
import dev.sluice.contract.avro.OpenCall;
import dev.sluice.router.core.Attempt;
import dev.sluice.router.core.Phase;
import dev.sluice.router.core.Placement;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where a job is, within its log record.
final class PhaseRecords {

  private PhaseRecords() {}

  static void write(JobImage image, Phase phase) {
    switch (phase) {
      case Phase.Waiting waiting -> {
        image.setPhase(JobPhase.WAITING);
        image.setNotBefore(waiting.notBefore());
        waiting.hold().ifPresent(hold -> Uses.write(image, hold));
        waiting.next().ifPresent(next -> place(image, next));
      }
      case Phase.Released released -> {
        image.setPhase(JobPhase.RELEASED);
        place(image, released.placement());
        image.setAttempt(released.attempt());
        image.setRelease(released.release());
        image.setReleasedAt(released.at());
      }
      case Phase.Running running -> {
        image.setPhase(JobPhase.RUNNING);
        claim(image, running);
      }
      case Phase.Done done -> {
        image.setPhase(JobPhase.DONE);
        done.placement().ifPresent(last -> place(image, last));
        image.setClaimId(done.claimId());
        image.setStatus(status(done.status()));
        image.setFinishedAt(done.at());
        image.setOutcome(done.outcome().map(Transitions::position).orElse(null));
        image.setError(done.failure().map(AttemptRecords::error).orElse(null));
        switch (done.lastCall()) {
          case Phase.LastCall.Accounted _ -> {}
          case Phase.LastCall.Unclaimed(Phase.Released out) -> image.setOpenCall(OpenCalls.of(out));
          case Phase.LastCall.Open(Phase.Running open) -> image.setOpenCall(OpenCalls.of(open));
          case Phase.LastCall.Lost(Attempt lost) ->
              image.setLostAfterEnd(AttemptRecords.summary(lost));
        }
      }
    }
  }

  private static void claim(JobImage image, Phase.Running claim) {
    place(image, claim.placement());
    image.setAttempt(claim.attempt());
    image.setRelease(claim.release());
    image.setWorker(claim.worker());
    image.setInboxPartition(claim.inboxPartition());
    image.setClaimId(claim.claimId());
    image.setReleasedAt(claim.since());
  }

  private static void place(JobImage image, Placement placement) {
    image.setPool(placement.pool());
    image.setProviderModel(placement.model());
    image.setPolicyVersion(placement.policyVersion());
    image.setRouteReason(placement.reason());
    image.setRouteChoice(RouteChoices.record(placement.choice()));
  }

  /// @throws IllegalArgumentException for an image that no version of the router writes
  static Phase phase(JobImage image) {
    Optional<Placement> placement =
        image.getPool() == null
            ? Optional.empty()
            : Optional.of(
                new Placement(
                    image.getPool(),
                    text(image.getProviderModel()),
                    image.getPolicyVersion(),
                    text(image.getRouteReason()),
                    RouteChoices.choice(image.getRouteChoice())));
    return switch (image.getPhase()) {
      case WAITING ->
          new Phase.Waiting(instant(image.getNotBefore()), placement, Uses.hold(image)).shared();
      case RELEASED ->
          new Phase.Released(
              placement.orElseThrow(),
              image.getAttempt(),
              image.getRelease(),
              instant(image.getReleasedAt()));
      case RUNNING -> claim(image, placement.orElseThrow());
      case DONE ->
          new Phase.Done(
              status(image.getStatus()),
              placement,
              image.getClaimId(),
              Optional.ofNullable(image.getOutcome()).map(Transitions::position),
              Optional.ofNullable(image.getError()).map(AttemptRecords::failure),
              instant(image.getFinishedAt()),
              lastCall(image));
      case UNKNOWN -> throw new IllegalArgumentException("a phase of a newer version");
    };
  }

  private static Phase.Running claim(JobImage image, Placement placement) {
    return new Phase.Running(
        placement,
        image.getAttempt(),
        image.getRelease(),
        text(image.getWorker()),
        image.getInboxPartition(),
        image.getClaimId(),
        instant(image.getReleasedAt()));
  }

  private static Phase.LastCall lastCall(JobImage image) {
    if (image.getLostAfterEnd() != null) {
      return new Phase.LastCall.Lost(AttemptRecords.attempt(image.getLostAfterEnd()));
    }
    OpenCall call = image.getOpenCall();
    return call == null ? new Phase.LastCall.Accounted() : OpenCalls.lastCall(call);
  }

  static JobStatus status(Phase.Status status) {
    return switch (status) {
      case SUCCEEDED -> JobStatus.SUCCEEDED;
      case FAILED -> JobStatus.FAILED;
      case CANCELLED -> JobStatus.CANCELLED;
      case EXPIRED -> JobStatus.EXPIRED;
    };
  }

  private static Phase.Status status(@Nullable JobStatus status) {
    return switch (status) {
      case SUCCEEDED -> Phase.Status.SUCCEEDED;
      case CANCELLED -> Phase.Status.CANCELLED;
      case EXPIRED -> Phase.Status.EXPIRED;
      case FAILED -> Phase.Status.FAILED;
      case QUEUED, HELD, RUNNING, UNKNOWN ->
          throw new IllegalArgumentException("done with status " + status);
      case null -> throw new IllegalArgumentException("done without a status");
    };
  }

  private static String text(@Nullable String text) {
    return text == null ? "" : text;
  }

  private static Instant instant(@Nullable Instant instant) {
    return instant == null ? Instant.EPOCH : instant;
  }
}
