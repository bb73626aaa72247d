package dev.sluice.router.topology;

import dev.sluice.contract.avro.Command;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.JobId;
import dev.sluice.router.core.EndedLeases;
import dev.sluice.router.core.Failure;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.JobCommand;
import dev.sluice.router.core.JobDecision;
import dev.sluice.router.core.JobMachine;
import dev.sluice.router.core.LogPosition;
import dev.sluice.router.core.Notice;
import dev.sluice.router.core.Phase;
import dev.sluice.router.core.RepeatDecision;
import dev.sluice.router.core.Repeats;
import dev.sluice.router.core.RoutePolicy;
import dev.sluice.router.core.RoutePolicy.RouteDecision;
import dev.sluice.router.core.TaskState;
import dev.sluice.router.core.UnclaimedReleases;
import dev.sluice.router.topology.Outbox.InHand;
import dev.sluice.runtime.telemetry.LogKeys;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Headers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The single writer of a task's jobs: asks the core, writes the transition, then sends the
/// notices. The order is the whole point: the producer holds each notice until the transition
/// before it is in the log. Owned by the stream thread.
final class RouterDesk {
  private static final Logger LOG = LoggerFactory.getLogger(RouterDesk.class);

  /// Timers handled in one tick, so that a flood of them does not stall the inputs.
  private static final int MAX_TIMERS_PER_TICK = 1_000;

  private final TaskLog log;
  private final LogReader reader;
  private final RouterSerdes serdes;
  private final TaskView view;
  private final InstantSource clock;
  private final RouterMeters meters;
  private final TopicPartition commands;
  private final ForwardingSender sender;
  private final NoticeSender notices;
  private final Delivered delivered;
  private final QueueTeller queues;
  private final RepeatDesk repeats;
  private final BacklogMeters.Task backlog;

  private final TaskState state = new TaskState();
  private final SplittableRandom random = new SplittableRandom();
  private TaskView.Rules rules;
  private boolean takenOver;

  private final EndedLeases endedLeases = new EndedLeases();
  private UnclaimedReleases releasedBefore = new UnclaimedReleases(List.of(), 0);

  /// What the desk works with.
  record Tools(
      TaskLog log,
      LogReader reader,
      Outbox outbox,
      RouterSerdes serdes,
      TaskView view,
      InstantSource clock,
      RouterMeters meters,
      TopicPartition commands,
      Repeats repeats) {}

  RouterDesk(Tools tools, ForwardingSender sender) {
    this.log = tools.log();
    this.reader = tools.reader();
    this.serdes = tools.serdes();
    this.view = tools.view();
    this.clock = tools.clock();
    this.meters = tools.meters();
    this.commands = tools.commands();
    this.sender = sender;
    this.notices = new NoticeSender(tools.outbox(), sender);
    this.delivered = new Delivered(log);
    this.queues = new QueueTeller(commands.partition(), serdes.queueLine(), sender);
    this.repeats = new RepeatDesk(tools.repeats(), log);
    this.backlog = meters.backlog().task(commands.partition());
    this.rules = view.rules();
  }

  /// Becomes the owner of the task's log and brings the world up to date with it.
  void takeOver() {
    TransitionStore.Restored restored = log.takeOver(random);
    restored.jobs.values().forEach(image -> state.apply(image.job()));
    repeats.restored(restored);
    rules = view.rules();
    placeAll();
    releasedBefore = new UnclaimedReleases(state.jobs(), reader.endOffset(commands));
    Instant now = clock.instant();
    new Resend(reader, serdes, restored)
        .run(
            state.jobs(),
            (job, notice, inHand) -> notices.send(job, notice, inHand, rules.prices(), now));
    repeats.joined().forEach(joined -> notices.joined(joined, now));
    takenOver = true;
    LOG.atInfo()
        .addKeyValue(LogKeys.PARTITION, commands.partition())
        .addKeyValue(LogKeys.COUNT, state.size())
        .log("router task taken over");
  }

  /// Names the input that is taken next, so that its trace and its time go on.
  void input(String jobId, Headers headers, long at) {
    sender.input(jobId, headers, at);
  }

  /// Takes a submission.
  ///
  /// @param at when the broker took it
  void submission(Submission submission, LogPosition position, int input, Instant at) {
    if (log.isDone(input, position.offset())) {
      return;
    }
    Job job = Commands.submitted(submission, position, at);
    repeats.reads(at);
    if (state.job(job.id()).isPresent()) {
      log.reads(input, position.offset());
      meters.ignored();
      return;
    }
    RepeatDecision decision = repeats.decide(job, submission.getRetry());
    if (decision instanceof RepeatDecision.RepeatOf(JobId first)) {
      // Before the repeat counts as read: a crash in between only makes it join once more.
      decideNow(first, new JobCommand.Join(job.id(), job.attached()), clock.instant());
    }
    log.reads(input, position.offset());
    switch (decision) {
      case RepeatDecision.First _ -> admit(job, submission);
      case RepeatDecision.Same _ -> meters.ignored();
      case RepeatDecision.RepeatOf(JobId first) -> {
        meters.joined();
        notices.joined(repeats.join(job, first), clock.instant());
      }
      case RepeatDecision.Conflict _ -> refuse(job, submission, RepeatDesk.CONFLICT);
      case RepeatDecision.Full _ -> refuse(job, submission, RepeatDesk.FULL);
    }
  }

  /// Ends a job before it began: no admission is told, so its caller hears the reason alone.
  private void refuse(Job job, Submission submission, Failure why) {
    meters.keyRefused();
    Instant now = clock.instant();
    JobCommand refusal = new JobCommand.Refuse(why);
    if (JobMachine.decide(job.withoutRepeat(), refusal, moment(now))
        instanceof JobDecision.Moves moves) {
      write(moves.after(), moves.notices(), new InHand(submission, null), now);
    }
  }

  private void admit(Job job, Submission submission) {
    meters.admitted();
    Instant now = clock.instant();
    InHand inHand = new InHand(submission, null);
    if (!job.deadline().isAfter(now)) {
      begin(job, new JobCommand.Expire(), inHand, now);
      return;
    }
    switch (RoutePolicy.decide(job, rules.policy(), rules.usablePools()::contains)) {
      case RouteDecision.Routed(var placement) -> {
        if (state.openFor(placement.pool(), job.priority(), rules.policy())) {
          begin(job, new JobCommand.Release(placement), inHand, now);
        } else {
          write(job, List.of(new Notice.Admitted()), inHand, now);
        }
      }
      case RouteDecision.Held(String reason) ->
          begin(job, new JobCommand.Hold(Optional.of(reason)), inHand, now);
      case RouteDecision.Refused(var failure) ->
          begin(job, new JobCommand.Refuse(failure), inHand, now);
    }
  }

  /// A job's first two transitions in one record.
  private void begin(Job job, JobCommand command, InHand inHand, Instant now) {
    if (JobMachine.decide(job, command, moment(now)) instanceof JobDecision.Moves moves) {
      List<Notice> said = new ArrayList<>(3);
      for (Notice notice : moves.notices()) {
        if (!(notice instanceof Notice.State)) {
          said.add(notice);
        }
      }
      // Nothing follows a result. Work goes first: it would hurry an admission that can wait.
      said.add(moves.after().done() ? 0 : said.size(), new Notice.Admitted());
      write(moves.after(), said, inHand, now);
    }
  }

  /// Takes a command.
  ///
  /// @param at when the broker took it
  void command(JobId id, Command command, LogPosition position, Instant at) {
    boolean again = log.isDone(Inputs.COMMANDS, position.offset());
    Optional<Job> job = state.job(id);
    if (job.isPresent() && !job.get().tenant().equals(command.getTenant())) {
      throw new IllegalArgumentException("command of another tenant for " + id);
    }
    Optional<JobCommand> asked = Commands.of(command, rules.prices(), position);
    log.reads(Inputs.COMMANDS, position.offset());
    repeats.reads(at);
    Instant now = clock.instant();
    var erase = command.getErase();
    if (erase != null) {
      int partition = job.map(Job::replyPartition).orElse(erase.getReplyPartition());
      notices.erased(id.text(), command.getTenant(), partition, now);
      repeats.erase(id);
    }
    if (asked.isEmpty()) {
      return;
    }
    JobDecision decision =
        job.isEmpty()
            ? JobMachine.decideUnknown(asked.get())
            : again
                ? JobMachine.decideAgain(job.get(), asked.get())
                : JobMachine.decide(job.get(), asked.get(), moment(now));
    follow(id, command.getTenant(), decision, new InHand(null, command.getOutcome()), now);
    release(now);
  }

  private void follow(JobId id, String tenant, JobDecision decision, InHand inHand, Instant now) {
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
  private void write(Job after, List<Notice> said, InHand inHand, Instant now) {
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
  private void rewrite(JobId id) {
    state.job(id).ifPresentOrElse(log::write, () -> repeats.rewrite(id));
  }

  private void retire(JobId id) {
    state
        .job(id)
        .ifPresent(job -> {
          repeats.retire(job);
          state.forget(id);
        });
  }

  private void place(JobId id, Instant now) {
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

  private void decideNow(JobId id, JobCommand command, Instant now) {
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

  private void placeAll() {
    state.unplaceAll();
    Instant now = clock.instant();
    for (JobId id : state.unplaced()) {
      place(id, now);
    }
  }

  /// Releases what credits allow.
  private void release(Instant now) {
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

  /// Lets time pass.
  void tick() {
    Instant now = clock.instant();
    sender.noInput();
    log.inspectFence(this::rewrite);
    TaskView.Rules current = view.rules();
    if (!current.equals(rules)) {
      rules = current;
      placeAll();
    }
    for (JobId id : releasedBefore.due(log.position(Inputs.COMMANDS), state::job)) {
      decideNow(id, new JobCommand.ReleaseAgain(), now);
    }
    for (TaskState.Due due : state.due(now, rules.policy(), MAX_TIMERS_PER_TICK)) {
      switch (due) {
        case TaskState.Due.Commanded(JobId id, JobCommand command) -> decideNow(id, command, now);
        case TaskState.Due.Placeable(JobId id) -> place(id, now);
      }
    }
    endedLeases
        .due(
            view.lost(state.busyWorkers()),
            () -> reader.endOffset(commands),
            log.position(Inputs.COMMANDS),
            now)
        .forEach(worker -> endLeases(worker, now));
    delivered.settle().forEach(this::retire);
    release(now);
    queues.tick(state, now);
    backlog.tick(state, now);
  }

  /// Another process may own the task from now on.
  void giveUp() {
    backlog.giveUp();
  }

  private void endLeases(String worker, Instant now) {
    List<JobId> calls = state.runningOn(worker);
    LOG.atWarn()
        .addKeyValue(LogKeys.WORKER, worker)
        .addKeyValue(LogKeys.COUNT, calls.size())
        .log("worker lost");
    for (JobId id : calls) {
      meters.lost();
      state.job(id).ifPresent(job -> endLease(job, now));
    }
  }

  private void endLease(Job job, Instant now) {
    LostWork lost = LostWork.of(job, reader, serdes.submission(), rules.prices(), now);
    follow(
        job.id(),
        job.tenant(),
        JobMachine.decide(job, lost.command(), moment(now)),
        lost.inHand(),
        now);
  }

  /// Called by Streams after a commit: all outputs sent before it are delivered. The call that
  /// comes at the end of restoration, before the takeover, means nothing.
  void committed() {
    if (takenOver) {
      delivered.committed(state.doneJobs(), repeats.committed());
    }
  }

  /// Sets a record aside that cannot be used.
  void poison(LogPosition position, ErrorCode code, Exception why, byte[] value) {
    meters.poison();
    log.reads(Inputs.index(position.topic()), position.offset());
    LOG.atWarn()
        .addKeyValue(LogKeys.TOPIC, position.topic())
        .addKeyValue(LogKeys.PARTITION, position.partition())
        .addKeyValue(LogKeys.OFFSET, position.offset())
        .addKeyValue(LogKeys.ERROR_CODE, code.code())
        .setCause(why)
        .log("record set aside");
    notices.deadLetter(position, code, why, value);
  }

  private JobMachine.Moment moment(Instant now) {
    return new JobMachine.Moment(rules.policy(), now, random.nextDouble());
  }
}
