package dev.sluice.ingress.http;

import dev.sluice.contract.avro.JobResult;
import dev.sluice.ingress.core.DeadlineRule;
import dev.sluice.ingress.core.JobFacts;
import dev.sluice.ingress.log.JobLog;
import dev.sluice.ingress.log.JobWatch;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/// A response's stream from the log: what happened so far at once, and then what happens, as often
/// as asked and from any event on. A reader that hangs up changes nothing for the job.
final class ResponseReplay {
  private final Surroundings around;
  private final CallerProbe probe;
  private final RouteMeters meters;

  ResponseReplay(Surroundings around, CallerProbe probe, RouteMeters meters) {
    this.around = around;
    this.probe = probe;
    this.meters = meters;
  }

  /// @param watch opened before `found` was read
  /// @param after number of the last event already seen
  void serve(Call call, JobWatch watch, Responses.Found found, int after) throws IOException {
    JobLog log = around.log();
    JobFacts facts = found.facts();
    Optional<JobResult> result = facts.finished() ? log.result(facts) : Optional.empty();
    // Of a job that is over only what its answer was made of; else what is running now.
    long claim =
        result
            .map(JobResult::getClaimId)
            .filter(known -> known != 0)
            .orElseGet(() -> facts.filter().shown().claimId());
    ResponsesForm form = new ResponsesForm(found.queued(result), after, claim);
    JobLog.Mark from =
        after < 0 ? JobLog.Mark.START : log.markBefore(facts.id(), form.partOf(after));
    Follower follower = new Follower(log, facts.id(), watch, from.ordinal(), true);
    result.ifPresent(follower::finishedAlready);
    VendorStream stream = new VendorStream(around, call, follower, form, meters);
    call.attach(watch);
    probe.watch(call);
    try {
      stream.open();
      form.pass(from.parts());
      var _ = stream.serve(deadline(facts));
    } finally {
      probe.forget(call);
    }
  }

  /// A job that its writer has not admitted yet has one all the same.
  private static Instant deadline(JobFacts facts) {
    Instant known = facts.origin().deadline();
    return known.equals(Instant.EPOCH) ? facts.id().createdAt().plus(DeadlineRule.LONGEST) : known;
  }
}
