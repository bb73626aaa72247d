package dev.sluice.router.topology;

import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Policy;
import dev.sluice.router.core.Answers;
import dev.sluice.router.core.CacheRule;
import dev.sluice.router.core.CacheUse;
import dev.sluice.router.core.Flights;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.KeptAnswer;
import dev.sluice.router.core.TaskState;
import dev.sluice.router.topology.Outbox.InHand;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.serialization.Serde;

/// The answers of one task that may be given again, and what its log keeps of them: part of the
/// job's record while that job is there, a record of their own afterwards (ADR 0022). Owned by the
/// stream thread.
final class AnswerDesk {
  private final Answers answers = new Answers();
  private final Flights flights = new Flights();
  private final Map<JobId, Submission> asked = new HashMap<>();
  private final TaskLog log;
  private final LogReader reader;
  private final Serde<Submission> submissions;

  AnswerDesk(TaskLog log, LogReader reader, Serde<Submission> submissions) {
    this.log = log;
    this.reader = reader;
    this.submissions = submissions;
  }

  /// Takes answers that the log keeps; jobs follow with [#apply].
  void restored(Collection<KeptAnswer> kept) {
    kept.forEach(answers::apply);
  }

  /// The answer that a submission is given instead of a call; empty when there is none.
  Optional<CacheUse.Hit> hit(Job job, Policy policy, Instant now) {
    return CacheRule.hit(job, answers, policy, now);
  }

  /// The answer that a job has waited for; empty when it did not come.
  Optional<CacheUse.Hit> awaited(Job job, JobId leader, Policy policy, Instant now) {
    return CacheRule.awaited(job, leader, answers, policy, now);
  }

  /// The job in flight whose answer a submission waits for; empty when there is none.
  Optional<JobId> leader(Job job, Policy policy, TaskState state) {
    return CacheRule.leader(job, flights, policy, state::job);
  }

  /// Keeps of what a job asked that waits for another's answer what the ledger needs.
  void waits(JobId id, Submission submission) {
    Submission facts = new Submission();
    facts.setKeyId(submission.getKeyId());
    facts.setTags(submission.getTags());
    facts.setGroup(submission.getGroup());
    asked.put(id, facts);
  }

  /// The same, read back from the log where it is not at hand.
  InHand asked(Job job) {
    Submission known = asked.get(job.id());
    if (known == null) {
      byte[] value = reader.read(List.of(job.submission())).get(job.submission());
      known =
          value == null
              ? null
              : submissions.deserializer().deserialize(job.submission().topic(), value);
    }
    return new InHand(known, null);
  }

  List<JobId> followers(JobId leader) {
    return flights.followers(leader);
  }

  /// Jobs that others wait for.
  List<JobId> followed() {
    return flights.followed();
  }

  /// A job has changed.
  void apply(Job after) {
    flights.apply(after);
    if (after.done()) {
      asked.remove(after.id());
    }
    Answers.of(after).ifPresent(answers::apply);
  }

  /// The end of a job is delivered and its record goes: before it does, its answer gets one of its
  /// own.
  void retire(Job ended) {
    Answers.of(ended).filter(answers::holds).ifPresent(log::keep);
  }

  /// A job must look as if it had never been.
  void erase(JobId id) {
    answers.forget(id).forEach(log::drop);
  }

  /// Lets time pass.
  void tick(Instant now) {
    answers.expire(now).forEach(log::drop);
  }

  /// Answers that are kept, count.
  int size() {
    return answers.size();
  }
}
