package dev.sluice.router.topology;

import dev.sluice.contract.avro.OpenCall;
import dev.sluice.router.core.Phase;
import dev.sluice.router.core.Placement;
import java.time.Instant;

/// Calls that outlive their jobs, as the log keeps them and as the core knows them.
final class OpenCalls {
  private OpenCalls() {}

  static Phase.LastCall lastCall(OpenCall call) {
    Placement placement =
        new Placement(
            call.getPool(),
            call.getProviderModel(),
            call.getPolicyVersion(),
            call.getRouteReason());
    return call.getWorker() == null
        ? new Phase.LastCall.Unclaimed(
            new Phase.Released(placement, call.getAttempt(), call.getRelease(), call.getSince()))
        : new Phase.LastCall.Open(
            new Phase.Running(
                placement,
                call.getAttempt(),
                call.getRelease(),
                call.getWorker(),
                call.getInboxPartition(),
                call.getClaimId(),
                call.getSince()));
  }

  static OpenCall of(Phase.Released out) {
    return of(out.placement(), out.attempt(), out.release(), out.at());
  }

  static OpenCall of(Phase.Running claim) {
    OpenCall call = of(claim.placement(), claim.attempt(), claim.release(), claim.since());
    call.setWorker(claim.worker());
    call.setInboxPartition(claim.inboxPartition());
    call.setClaimId(claim.claimId());
    return call;
  }

  private static OpenCall of(Placement placement, int attempt, int release, Instant since) {
    OpenCall call = new OpenCall();
    call.setPool(placement.pool());
    call.setProviderModel(placement.model());
    call.setPolicyVersion(placement.policyVersion());
    call.setRouteReason(placement.reason());
    call.setAttempt(attempt);
    call.setRelease(release);
    call.setSince(since);
    return call;
  }
}
