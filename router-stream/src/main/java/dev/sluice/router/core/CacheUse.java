package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// What a job has to do with its tenant's answers that are kept.
///
/// @param request digest of the endpoint and of every parameter and byte of the request
/// @param plan digest of what its model stood for when it was admitted
/// @param ttl how old an answer may be that it is given, and how long its own may be given out
/// @param kept whether its own answer may be given to others: it succeeded, and by that plan
/// @param worth what its own answer was priced at, USD; empty when it has none, or no price
/// @param leader the equal job in flight whose answer it waits for, or was given; empty when none
/// @param hit the answer it was given; empty when it was given none
public record CacheUse(
    Mode mode,
    Digest request,
    Digest plan,
    Duration ttl,
    boolean kept,
    Optional<BigDecimal> worth,
    Optional<JobId> leader,
    Optional<Hit> hit) {

  /// What a job wants.
  public enum Mode {
    /// An answer that is kept, or else its own kept.
    USE,
    /// An answer of its own, kept in place of an older one.
    REFRESH,
    /// Neither; said on purpose.
    OFF
  }

  /// An earlier job's answer that a job was given.
  ///
  /// @param answer where it is, and what it was worth
  /// @param charged what this job's tenant pays for it, USD; empty when that is not known
  public record Hit(KeptAnswer answer, Optional<BigDecimal> charged) {

    /// What the tenant did not pay, USD; empty when not known.
    public Optional<BigDecimal> saved() {
      return answer.worth().flatMap(worth -> charged.map(worth::subtract));
    }

    /// How old the answer was.
    public Duration age(Instant given) {
      Duration age = Duration.between(answer.given(), given);
      return age.isNegative() ? Duration.ZERO : age;
    }
  }

  /// As submitted; its plan is known once it is admitted.
  public static CacheUse wished(Mode mode, Digest request, Duration ttl) {
    return new CacheUse(
        mode,
        request,
        new Digest(0, 0),
        ttl,
        false,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /// The same under a plan.
  public CacheUse under(Digest known) {
    return new CacheUse(mode, request, known, ttl, kept, worth, leader, hit);
  }

  /// Its own answer is there.
  ///
  /// @param now digest of what its model has come to stand for
  CacheUse answered(Digest now, Optional<BigDecimal> price) {
    boolean keeps = mode != Mode.OFF && plan.equals(now);
    return new CacheUse(mode, request, plan, ttl, keeps, price, leader, hit);
  }

  CacheUse given(Hit from) {
    return new CacheUse(mode, request, plan, ttl, false, worth, leader, Optional.of(from));
  }

  /// The same, waiting for another job's answer, or for none.
  CacheUse following(Optional<JobId> other) {
    return new CacheUse(mode, request, plan, ttl, kept, worth, other, hit);
  }

  /// Whether it makes the call that equal jobs may wait for.
  boolean leads() {
    return mode != Mode.OFF && leader.isEmpty();
  }

  /// Its answer is given to nobody any more.
  CacheUse unkept() {
    return new CacheUse(mode, request, plan, ttl, false, worth, leader, hit);
  }

  /// By which equal requests find each other: of one tenant, under one plan.
  public Digest key(String tenant) {
    return Digest.of(
        "answer",
        tenant,
        java.nio.ByteBuffer.allocate(32).put(request.bytes()).put(plan.bytes()).array());
  }
}
