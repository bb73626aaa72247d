package dev.sluice.router.topology;

import dev.sluice.contract.model.JobId;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.JobCommand;
import dev.sluice.router.core.JobDecision;
import dev.sluice.router.core.JobMachine;
import dev.sluice.router.core.Notice;
import dev.sluice.router.core.Phase;
import dev.sluice.router.core.RoutePolicy.RouteDecision;
import dev.sluice.router.core.TaskState;
import dev.sluice.router.topology.Outbox.InHand;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/// How a job changes: first the log, then the state, then the notices, and by the rules of the
/// moment. Owned by the stream thread.
final class JobChanges {
  private final TaskLog log;
  private final TaskState state;
  private final RepeatDesk repeats;
  private final NoticeSender notices;
  private final RouterMeters meters;
  private final SplittableRandom random;
  private TaskView.Rules rules;

  JobChanges(
      TaskLog log,
      TaskState state,
      RepeatDesk repeats,
      NoticeSender notices,
      RouterMeters meters,
      SplittableRandom random,
      TaskView.Rules rules) {
    this.log = log;
    this.state = state;
    this.repeats = repeats;
    this.notices = notices;
    this.meters = meters;
    this.random = random;
    this.rules = rules;
  }

  TaskView.Rules rules() {
    return rules;
  }

  /// From here on other rules hold.
  void adopt(TaskView.Rules current, Instant now) {
    rules = current;
    placeAll(now);
  }

  /// Does what was decided.
  void follow(JobId id, String tenant, JobDecision decision, InHand inHand, Instant now) {
    switch (decision) {
      case JobDecision.Moves moves -> write(moves.after(), moves.notices(), inHand, now);
      case JobDecision.Answers answers ->
          answers
              .notices()
              .forEach(notice -> notices.answer(id.text(), tenant, notice, inHand, rules.prices()));
      case JobDecision.Ignores _ -> meters.ignored();
    }
  }

  /// The one way a job changes: log, state, notices.
  void write(Job after, List<Notice> said, InHand inHand, Instant now) {
    Optional<Job> before = state.job(after.id());
    log.write(after);
    state.apply(after);
    repeats.apply(before, after);
    meters.transition();
    for (Notice notice : said) {
      notices.send(after, notice, inHand, rules.prices(), now);
    }
    if (after.done() && !before.map(Job::done).orElse(false)) {
      meters.ended();
    } else if (after.phase() instanceof Phase.Waiting) {
      if (after.nextAttempt() > before.map(Job::nextAttempt).orElse(1)) {
        meters.retried();
      }
      place(after.id(), now);
    }
  }

  /// Writes anew what the state says of a job.
  void rewrite(JobId id) {
    state.job(id).ifPresentOrElse(log::write, () -> repeats.rewrite(id));
  }

  /// The end of a job is delivered.
  void retire(JobId id) {
    state
        .job(id)
        .ifPresent(job -> {
          repeats.retire(job);
          state.forget(id);
        });
  }

  /// Puts a waiting job where it waits.
  void place(JobId id, Instant now) {
    Optional<RouteDecision> decision =
        state.place(id, rules.policy(), rules.usablePools()::contains, now);
    if (decision.isEmpty()) {
      return;
    }
    switch (decision.get()) {
      case RouteDecision.Routed _ -> decideNow(id, new JobCommand.Hold(Optional.empty()), now);
      case RouteDecision.Held(String reason) ->
          decideNow(id, new JobCommand.Hold(Optional.of(reason)), now);
      case RouteDecision.Refused(var failure) -> decideNow(id, new JobCommand.Refuse(failure), now);
    }
  }

  /// A command to a job of which no input is in hand.
  void decideNow(JobId id, JobCommand command, Instant now) {
    state
        .job(id)
        .ifPresent(job ->
            follow(
                id,
                job.tenant(),
                JobMachine.decide(job, command, moment(now)),
                InHand.NOTHING,
                now));
  }

  /// Decides anew where every waiting job goes.
  void placeAll(Instant now) {
    state.unplaceAll();
    for (JobId id : state.unplaced()) {
      place(id, now);
    }
  }

  /// Releases what credits allow.
  void release(Instant now) {
    Optional<TaskState.Pick> pick = state.nextRelease(rules.policy());
    while (pick.isPresent()) {
      Job job = pick.get().job();
      follow(
          job.id(),
          job.tenant(),
          JobMachine.decide(job, new JobCommand.Release(pick.get().placement()), moment(now)),
          InHand.NOTHING,
          now);
      pick = state.nextRelease(rules.policy());
    }
  }

  JobMachine.Moment moment(Instant now) {
    return new JobMachine.Moment(rules.policy(), now, random.nextDouble());
  }
}
