package dev.sluice.router.topology;

import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.model.JobId;
import dev.sluice.router.core.AdmissionPolicy;
import dev.sluice.router.core.AdmissionPolicy.AdmissionDecision;
import dev.sluice.router.core.CacheRule;
import dev.sluice.router.core.CacheUse;
import dev.sluice.router.core.Detour;
import dev.sluice.router.core.Failure;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.JobCommand;
import dev.sluice.router.core.JobDecision;
import dev.sluice.router.core.JobMachine;
import dev.sluice.router.core.Notice;
import dev.sluice.router.core.Phase;
import dev.sluice.router.core.Placement;
import dev.sluice.router.core.RoutePolicy.RouteDecision;
import dev.sluice.router.core.TaskState;
import dev.sluice.router.core.limits.Block;
import dev.sluice.router.topology.Outbox.InHand;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How a submission becomes a job, or does not: by its tenant's limits, by an answer that is there
/// or on its way, by its route. Owned by the stream thread.
final class Admissions {
  private final TaskState state;
  private final JobChanges changes;
  private final AnswerDesk answers;
  private final RouterMeters meters;
  private final InstantSource clock;

  Admissions(
      TaskState state,
      JobChanges changes,
      AnswerDesk answers,
      RouterMeters meters,
      InstantSource clock) {
    this.state = state;
    this.changes = changes;
    this.answers = answers;
    this.meters = meters;
    this.clock = clock;
  }

  /// Takes a submission that is a job of its own.
  void admit(Job submitted, Submission submission) {
    Instant now = clock.instant();
    Job asked = RouteDesk.informed(submitted, submission, changes.rules());
    switch (AdmissionPolicy.decide(asked, state.gate().limits(), now)) {
      case AdmissionDecision.Admitted(Job job) ->
          admitted(
              CacheRule.admitted(
                  RouteDesk.informed(job, submission, changes.rules()), changes.rules().policy()),
              submission,
              now);
      case AdmissionDecision.Refused(Failure failure) -> {
        meters.limitRefused();
        refuse(asked, submission, failure);
      }
    }
  }

  private void admitted(Job job, Submission submission, Instant now) {
    InHand inHand = new InHand(submission, null);
    if (!job.deadline().isAfter(now)) {
      meters.admitted();
      begin(job, new JobCommand.Expire(), inHand, now);
      return;
    }
    Optional<CacheUse.Hit> kept = answers.hit(job, changes.rules().policy(), now);
    if (kept.isPresent()) {
      meters.admitted();
      meters.answered();
      begin(job, new JobCommand.Answer(kept.get()), inHand, now);
      return;
    }
    Optional<JobId> leader = answers.leader(job, changes.rules().policy(), state);
    if (leader.isPresent()) {
      meters.admitted();
      Job follower = CacheRule.following(job, leader.get());
      answers.waits(job.id(), submission);
      changes.write(follower, List.of(new Notice.Admitted()), inHand, now);
      return;
    }
    switch (Detour.decide(job, changes.routes().moment(changes.rules(), now))) {
      case RouteDecision.Routed(var placement) -> place(job, placement, inHand, now);
      case RouteDecision.Held(String _, var rejected) -> {
        meters.admitted();
        Phase.Hold hold = Phase.Hold.noRoute(rejected, state.controls());
        begin(job, new JobCommand.Hold(Optional.of(hold)), inHand, now);
      }
      case RouteDecision.Refused(var failure) -> {
        meters.admitted();
        begin(job, new JobCommand.Refuse(failure), inHand, now);
      }
    }
  }

  /// A new job before the pool that it goes to.
  private void place(Job job, Placement placement, InHand inHand, Instant now) {
    Optional<Block> held = state.gate().heldBack(job, now);
    Optional<Failure> tooLate = held.flatMap(block -> AdmissionPolicy.tooLate(job, block, now));
    if (tooLate.isPresent() && inHand.submission() != null) {
      meters.limitRefused();
      refuse(job, inHand.submission(), tooLate.get());
      return;
    }
    meters.admitted();
    if (held.isPresent()) {
      JobCommand hold = new JobCommand.Hold(held.map(Phase.Hold::limit));
      begin(job, hold, inHand, now);
    } else if (!state.paused(job)
        && !state.parked(job, placement.pool())
        && state.openFor(placement.pool(), job.priority(), changes.rules().policy())) {
      begin(job, new JobCommand.Release(placement), inHand, now);
    } else {
      changes.write(job, List.of(new Notice.Admitted()), inHand, now);
    }
  }

  /// A job's first two transitions in one record.
  private void begin(Job job, JobCommand command, InHand inHand, Instant now) {
    if (JobMachine.decide(job, command, changes.moment(now)) instanceof JobDecision.Moves moves) {
      List<Notice> said = new ArrayList<>(3);
      for (Notice notice : moves.notices()) {
        if (!(notice instanceof Notice.State)) {
          said.add(notice);
        }
      }
      // Nothing follows a result. Work goes first: it would hurry an admission that can wait.
      said.add(moves.after().done() ? 0 : said.size(), new Notice.Admitted());
      changes.write(moves.after(), said, inHand, now);
    }
  }

  /// Ends a job before it began: no admission is told, so its caller hears the reason alone.
  void refuse(Job job, Submission submission, Failure why) {
    Instant now = clock.instant();
    JobCommand refusal = new JobCommand.Refuse(why);
    if (JobMachine.decide(job.withoutRepeat(), refusal, changes.moment(now))
        instanceof JobDecision.Moves moves) {
      changes.write(moves.after(), moves.notices(), new InHand(submission, null), now);
    }
  }
}
