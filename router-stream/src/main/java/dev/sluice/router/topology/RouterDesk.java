package dev.sluice.router.topology;

import dev.sluice.contract.avro.Command;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.topic.ShardPartition;
import dev.sluice.router.core.Due;
import dev.sluice.router.core.EndedLeases;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.JobCommand;
import dev.sluice.router.core.JobDecision;
import dev.sluice.router.core.JobMachine;
import dev.sluice.router.core.LogPosition;
import dev.sluice.router.core.Phase;
import dev.sluice.router.core.RepeatDecision;
import dev.sluice.router.core.Repeats;
import dev.sluice.router.core.ResendPolicy;
import dev.sluice.router.core.TaskGrants;
import dev.sluice.router.core.TaskPart;
import dev.sluice.router.core.TaskState;
import dev.sluice.router.core.UnclaimedReleases;
import dev.sluice.router.topology.Outbox.InHand;
import dev.sluice.runtime.telemetry.LogKeys;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The single writer of a task's jobs: takes what comes in and what time brings, asks the core, and
/// has the answer carried out by [JobChanges]. The order there is the whole point: the producer
/// holds each notice until the transition before it is in the log. Owned by the stream thread.
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
  private final QuotaTeller quotas;
  private final AlertTeller alerts;
  private final RepeatDesk repeats;
  private final AnswerDesk answers;
  private final BacklogMeters.Task backlog;
  private final DemandBoard demands;
  private final BudgetBoard budgets;

  private final TaskState state = new TaskState();
  private final SplittableRandom random = new SplittableRandom();
  private final JobChanges changes;
  private final Admissions admissions;
  private final TaskGrants grants;
  private final GroupDesk groups;
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
      Repeats repeats,
      DemandBoard demands,
      BudgetBoard budgets) {}

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
    this.alerts = new AlertTeller(serdes, sender, meters, tools.budgets());
    this.quotas = new QuotaTeller(serdes.quotaState(), sender, alerts);
    this.repeats = new RepeatDesk(tools.repeats(), log);
    this.answers = new AnswerDesk(log, reader, serdes.submission());
    this.backlog = meters.backlog().task(commands.partition());
    this.demands = tools.demands();
    this.budgets = tools.budgets();
    this.grants = new TaskGrants(commands.partition(), state.pools());
    state.pools().pacedBy(view::slots);
    this.changes =
        new JobChanges(
            log,
            state,
            new JobChanges.Memory(repeats, answers),
            notices,
            meters,
            random,
            view.rules());
    this.groups = new GroupDesk(log, state);
    this.admissions = new Admissions(state, changes, answers, meters, clock);
  }

  /// Becomes the owner of the task's log and brings the world up to date with it.
  void takeOver() {
    TransitionStore.Restored restored = log.takeOver(random);
    int tasks = reader.partitions(commands.topic());
    state.has(
        new TaskPart(commands.partition(), tasks, tenant -> ShardPartition.of(tenant, 0, tasks)));
    restored.uses.values().forEach(state.gate().limits()::restore);
    restored.values.values().forEach(state.gate().limits()::restore);
    repeats.restored(restored);
    answers.restored(restored.answers.values());
    // A million may wait, so that each job is looked at once.
    List<JobId> unsure = new ArrayList<>();
    List<Job> released = new ArrayList<>();
    state.restore(
        restored.jobs,
        job -> {
          repeats.apply(Optional.empty(), job);
          answers.apply(job);
          if (job.phase() instanceof Phase.Released) {
            released.add(job);
          }
          if (job.copiesDue() || !ResendPolicy.decide(job, restored).isEmpty()) {
            unsure.add(job.id());
          }
        });
    groups.restored(restored.orders.values());
    Instant now = clock.instant();
    changes.control(view.controls(), now);
    changes.adopt(view.rules(), now);
    releasedBefore = new UnclaimedReleases(released, reader.endOffset(commands));
    new Resend(reader, serdes, restored)
        .run(
            unsure.stream().flatMap(id -> state.job(id).stream()),
            (job, notice, inHand) ->
                notices.send(job, notice, inHand, changes.rules().prices(), now));
    repeats.joined().forEach(joined -> notices.joined(joined, now));
    unsure.forEach(id -> state.job(id).ifPresent(job -> changes.castDue(job, now)));
    for (JobId leader : answers.followed()) {
      if (state.job(leader).map(Job::done).orElse(true)) {
        changes.land(leader, now);
      }
    }
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
    Job job = Commands.submitted(submission, position, at, state.gate().limits());
    repeats.reads(at);
    if (state.job(job.id()).isPresent()) {
      log.reads(input, position.offset());
      meters.ignored();
      return;
    }
    RepeatDecision decision = repeats.decide(job, submission.getRetry());
    if (decision instanceof RepeatDecision.RepeatOf(JobId first)) {
      // Before the repeat counts as read: a crash in between only makes it join once more.
      changes.decideNow(
          first, new JobCommand.Join(job.id(), job.delivery().attached()), clock.instant());
    }
    log.reads(input, position.offset());
    switch (decision) {
      case RepeatDecision.First _ -> admissions.admit(job, submission);
      case RepeatDecision.Same _ -> meters.ignored();
      case RepeatDecision.RepeatOf(JobId first) -> {
        meters.joined();
        notices.joined(repeats.join(job, first), clock.instant());
      }
      case RepeatDecision.Conflict _ -> {
        meters.keyRefused();
        admissions.refuse(job, submission, RepeatDesk.CONFLICT);
      }
      case RepeatDecision.Full _ -> {
        meters.keyRefused();
        admissions.refuse(job, submission, RepeatDesk.FULL);
      }
    }
  }

  /// Takes a command.
  ///
  /// @param at when the broker took it
  void command(JobId id, Command command, LogPosition position, Instant at) {
    boolean again = log.isDone(Inputs.COMMANDS, position.offset());
    Optional<Job> job = state.job(id);
    if (job.isPresent() && !job.get().tenant().equals(command.getTenant())) {
      throw new UnusableRecordException("command of another tenant for " + id);
    }
    Optional<JobCommand> asked = Commands.of(command, changes.rules().prices(), position, at);
    log.reads(Inputs.COMMANDS, position.offset());
    repeats.reads(at);
    Instant now = clock.instant();
    var erase = command.getErase();
    if (erase != null) {
      int partition =
          job.map(known -> known.delivery().replyPartition()).orElse(erase.getReplyPartition());
      notices.erased(id.text(), command.getTenant(), partition, now);
      repeats.erase(id);
      answers.erase(id);
    }
    if (asked.isEmpty()) {
      return;
    }
    if (!again && (asked.get() instanceof JobCommand.Reprioritise)) {
      job.ifPresent(
          known -> groups.overtake(known, (each, its) -> changes.decideNow(each, its, now)));
      job = state.job(id);
    }
    if (!again && asked.get() instanceof JobCommand.Outcome outcome) {
      changes.routes().learn(command, outcome, changes.rules());
    }
    JobDecision decision =
        job.isEmpty()
            ? JobMachine.decideUnknown(asked.get())
            : again
                ? JobMachine.decideAgain(job.get(), asked.get())
                : JobMachine.decide(job.get(), asked.get(), changes.moment(now));
    changes.follow(id, command.getTenant(), decision, new InHand(null, command.getOutcome()), now);
    changes.endCopies(id, asked.get(), now);
    changes.release(now);
  }

  /// Takes a command to all jobs of a group.
  void groupCommand(Command command, LogPosition position, Instant at) {
    if (log.isDone(Inputs.COMMANDS, position.offset())) {
      return;
    }
    Instant now = clock.instant();
    groups.finish(
        command.getTenant(), command.getGroup(), (id, asked) -> changes.decideNow(id, asked, now));
    log.reads(Inputs.COMMANDS, position.offset());
    repeats.reads(at);
    groups.take(command);
  }

  /// Lets time pass.
  void tick() {
    Instant now = clock.instant();
    sender.noInput();
    log.inspectFence(key -> rewrite(key, now));
    if (view.controls() != state.controls()) {
      changes.control(view.controls(), now);
    }
    TaskView.Rules current = view.rules();
    if (changes.routes().turned(current, now) || !current.equals(changes.rules())) {
      changes.adopt(current, now);
    } else {
      changes.placeSome(now);
    }
    changes
        .routes()
        .recall(
            state::job,
            reader,
            serdes.submission(),
            (id, recalled) -> {
              changes.decideNow(id, recalled, now);
              changes.place(id, now);
            });
    for (JobId id : releasedBefore.due(log.position(Inputs.COMMANDS), state::job)) {
      changes.decideNow(id, new JobCommand.ReleaseAgain(), now);
    }
    for (Due due : state.due(now, changes.rules().policy(), MAX_TIMERS_PER_TICK)) {
      switch (due) {
        case Due.Commanded(JobId id, JobCommand command) -> changes.decideNow(id, command, now);
        case Due.Placeable(JobId id) -> changes.place(id, now);
      }
    }
    endedLeases
        .due(
            view.lost(state.calls().busy()),
            () -> reader.endOffset(commands),
            log.position(Inputs.COMMANDS),
            now)
        .forEach(worker -> endLeases(worker, now));
    groups.tick((id, asked) -> changes.decideNow(id, asked, now));
    changes.retire(delivered.settle(), now);
    alerts.settle(state.gate().limits(), log, now);
    state.wake(now);
    answers.tick(now);
    grants
        .tick(demands.demands(), changes.rules().policy())
        .ifPresent(telling -> demands.tell(commands.partition(), telling));
    changes.release(now);
    queues.tick(state, now);
    quotas.tick(state, log, changes.rules().policy(), now);
    backlog.tick(state, now);
  }

  private void rewrite(String key, Instant now) {
    if (key.startsWith(TransitionStore.ORDER)) {
      groups.rewrite(key);
    } else {
      changes.rewrite(key, now);
    }
  }

  /// Another process may own the task from now on.
  void giveUp() {
    backlog.giveUp();
    demands.withdraw(commands.partition());
    budgets.leave(commands.partition());
  }

  private void endLeases(String worker, Instant now) {
    List<JobId> calls = state.calls().of(worker);
    LOG.atWarn()
        .addKeyValue(LogKeys.WORKER, worker)
        .addKeyValue(LogKeys.COUNT, calls.size())
        .log("worker lost");
    for (int first = 0; first < calls.size(); first += LogReader.TOGETHER) {
      endLeasesOf(calls.subList(first, Math.min(calls.size(), first + LogReader.TOGETHER)), now);
    }
  }

  /// Their submissions are read back together: one at a time, five hundred calls took five seconds,
  /// in which nobody was served.
  private void endLeasesOf(List<JobId> calls, Instant now) {
    Map<LogPosition, byte[]> submissions =
        reader.read(
            calls.stream().flatMap(id -> state.job(id).stream()).map(Job::submission).toList());
    for (JobId id : calls) {
      meters.lost();
      state.job(id).ifPresent(job -> endLease(job, submissions.get(job.submission()), now));
    }
  }

  private void endLease(Job job, byte @Nullable [] submission, Instant now) {
    LostWork lost =
        LostWork.of(job, submission, serdes.submission(), changes.rules().prices(), now);
    changes.follow(
        job.id(),
        job.tenant(),
        JobMachine.decide(job, lost.command(), changes.moment(now)),
        lost.inHand(),
        now);
  }

  /// Called by Streams after a commit: all outputs sent before it are delivered. The call that
  /// comes at the end of restoration, before the takeover, means nothing.
  void committed() {
    if (takenOver) {
      delivered.committed(state.doneJobs(), repeats.committed());
      alerts.committed();
    }
  }

  /// Sets a record aside that cannot be used.
  void poison(LogPosition position, ErrorCode code, String why, Record<byte[], byte[]> of) {
    int input = Inputs.index(position.topic());
    if (log.isDone(input, position.offset())) {
      return;
    }
    meters.poison();
    log.reads(input, position.offset());
    LOG.atWarn()
        .addKeyValue(LogKeys.TOPIC, position.topic())
        .addKeyValue(LogKeys.PARTITION, position.partition())
        .addKeyValue(LogKeys.OFFSET, position.offset())
        .addKeyValue(LogKeys.ERROR_CODE, code.code())
        .log("record set aside: {}", why);
    notices.deadLetter(position, code, why, of);
  }
}
