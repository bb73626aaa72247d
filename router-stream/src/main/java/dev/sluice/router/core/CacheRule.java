package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Limit;
import dev.sluice.contract.model.Policy;
import dev.sluice.router.core.JobMachine.Moment;
import dev.sluice.router.core.Phase.Done;
import dev.sluice.router.core.limits.Spent;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// When a job is given an earlier job's answer, what that costs, and when its own answer may be
/// given to others.
public final class CacheRule {
  private static final int SCALE = 12;

  private CacheRule() {}

  /// The job as admitted: it knows what its model stands for.
  public static Job admitted(Job job, Policy policy) {
    return job.cache().map(use -> job.caching(use.under(PlanDigest.of(job, policy)))).orElse(job);
  }

  /// The answer that a job is given instead of a call of its own; empty when there is none.
  public static Optional<CacheUse.Hit> hit(Job job, Answers answers, Policy policy, Instant now) {
    return job.cache()
        .filter(use -> use.mode() == CacheUse.Mode.USE && policy.model(job.model()).isPresent())
        .flatMap(use -> answers.find(use.key(job.tenant()), use.ttl(), now))
        .map(answer -> new CacheUse.Hit(answer, charge(answer, ratio(policy, job.tenant()))));
  }

  /// The same for a job that has waited for another's: how old that may be counts from when the job
  /// asked, however late the other has ended.
  public static Optional<CacheUse.Hit> awaited(
      Job job, JobId leader, Answers answers, Policy policy, Instant now) {
    return hit(job, answers, policy, job.id().createdAt())
        .filter(hit -> hit.answer().first().equals(leader))
        .or(() -> hit(job, answers, policy, now));
  }

  /// The job in flight whose answer a job waits for instead of making a call of its own; empty when
  /// there is none. It waits for none that is less urgent.
  ///
  /// @param live jobs in flight
  public static Optional<JobId> leader(
      Job job, Flights flights, Policy policy, Function<JobId, Optional<Job>> live) {
    return job.cache()
        .filter(use -> use.mode() == CacheUse.Mode.USE && policy.model(job.model()).isPresent())
        .flatMap(use ->
            flights.leaders(use.key(job.tenant())).stream()
                .filter(id -> !id.equals(job.id()))
                .filter(id -> live.apply(id).filter(one -> urgent(one, job)).isPresent())
                .findFirst());
  }

  /// The job as one that waits for another's answer from the start.
  public static Job following(Job job, JobId leader) {
    return job.cache().map(use -> job.caching(use.following(Optional.of(leader)))).orElse(job);
  }

  private static boolean urgent(Job leader, Job follower) {
    return leader.priority().compareTo(follower.priority()) <= 0;
  }

  private static BigDecimal ratio(Policy policy, String tenant) {
    return policy.tenant(tenant).map(known -> known.cache().priceRatio()).orElse(BigDecimal.ZERO);
  }

  /// What a tenant pays for an answer that is given again: nothing of a price that is not known is
  /// still nothing.
  private static Optional<BigDecimal> charge(KeptAnswer answer, BigDecimal ratio) {
    return ratio.signum() == 0
        ? Optional.of(BigDecimal.ZERO.setScale(SCALE))
        : answer
            .worth()
            .map(worth -> worth.multiply(ratio).setScale(SCALE, RoundingMode.HALF_EVEN));
  }

  /// The job with an answer of its own. It may be given to others unless its model has come to
  /// stand for something else meanwhile.
  static Job answered(Job job, Optional<BigDecimal> price, Moment moment) {
    return job.cache()
        .map(use -> job.caching(use.answered(PlanDigest.of(job, moment.policy()), price)))
        .orElse(job);
  }

  static JobDecision follow(Job job, JobCommand.Follow follow) {
    if (!(job.phase() instanceof Phase.Waiting) || job.cache().isEmpty()) {
      return new JobDecision.Ignores();
    }
    Job after = job.caching(job.cache().get().following(follow.leader()));
    return new JobDecision.Moves(after.moved(job.phase()), List.of());
  }

  static JobDecision answer(Job job, CacheUse.Hit hit, Moment moment) {
    if (!(job.phase() instanceof Phase.Waiting) || job.cache().isEmpty()) {
      return new JobDecision.Ignores();
    }
    Job given = job.caching(job.cache().get().given(hit));
    long picoUsd = Limit.picoUsd(hit.charged().orElse(BigDecimal.ZERO));
    return new JobDecision.Moves(
        given.given(new Spent(0, 0, 0, picoUsd, moment.now()), Done.answered(moment.now())),
        List.of(new Notice.CacheCharge(), new Notice.Result()));
  }
}
