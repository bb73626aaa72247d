package dev.sluice.router.core.limits;

import dev.sluice.contract.model.Limit;
import dev.sluice.contract.model.Limit.OnExceeded;
import dev.sluice.contract.model.Limit.Unit;
import dev.sluice.contract.model.Limit.Window;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// One limit and what is used of it: by jobs that still may use it at worst, by calls that began,
/// by answers that were delivered. Not safe for several threads.
final class Meter {
  private final Limit limit;
  private final String key;

  /// Of live jobs and of those that are forgotten.
  private final Uses used;

  /// Of those that are forgotten: what the log keeps.
  private final Uses settled;

  /// Kept free for jobs whose call has not begun.
  private long reserved;

  /// The last answer that is among what the log keeps.
  private long lastSettled;

  private boolean logged;

  /// @param kept what the log keeps
  /// @param lastSettled the last answer that is in it
  Meter(Limit limit, String key, Map<Long, Long> kept, long lastSettled) {
    this.limit = limit;
    this.key = key;
    this.lastSettled = lastSettled;
    used = new Uses(limit.window());
    settled = new Uses(limit.window());
    kept.forEach((bucket, amount) -> {
      used.add(bucket, amount);
      settled.add(bucket, amount);
    });
  }

  /// What one job takes of one meter.
  ///
  /// @param bucket of [Uses], or [#UNDATED]
  record Share(Meter meter, long amount, long bucket) {
    /// Its call has not begun.
    static final long UNDATED = Long.MIN_VALUE;

    boolean undated() {
      return bucket == UNDATED;
    }
  }

  Limit limit() {
    return limit;
  }

  String key() {
    return key;
  }

  boolean inFlight() {
    return limit.unit() == Unit.IN_FLIGHT;
  }

  /// Whether room is taken when the job is admitted, not first when it is released.
  boolean early() {
    return limit.onExceeded() != OnExceeded.HOLD;
  }

  Share reserves(long amount) {
    return new Share(this, amount, Share.UNDATED);
  }

  Share at(Instant when, long amount) {
    return new Share(this, amount, used.bucket(when));
  }

  boolean rolling() {
    return limit.window() instanceof Window.Rolling;
  }

  void take(Share share) {
    move(share, share.amount());
  }

  void giveBack(Share share) {
    move(share, -share.amount());
  }

  private void move(Share share, long amount) {
    if (share.undated()) {
      reserved += amount;
    } else {
      used.add(share.bucket(), amount);
    }
  }

  /// A share of a job that is forgotten stays.
  ///
  /// @param sequence place of the job's answer
  void settle(Share share, long sequence) {
    settled.add(share.bucket(), share.amount());
    lastSettled = Math.max(lastSettled, sequence);
  }

  /// The last answer that is among what the log keeps.
  long settled() {
    return lastSettled;
  }

  /// The log has a record of it, if it is a value's.
  void logged() {
    logged = true;
  }

  boolean isLogged() {
    return logged;
  }

  boolean ofValue() {
    return limit.part().byValue();
  }

  /// Whether nothing is used or reserved that counts, or may count again.
  boolean idle(Instant now) {
    return reserved == 0 && used.isEmpty(now) && settled.isEmpty(now);
  }

  boolean fits(long amount, Instant now) {
    return amount <= left(now);
  }

  long used(Instant now) {
    return used.sum(now);
  }

  long left(Instant now) {
    long counted = used.sum(now);
    // More than can be counted is below zero; one sum at a time, lest a difference be so too.
    boolean countable = counted >= 0 && reserved >= 0;
    return countable ? Math.max(0, Math.max(0, limit.amount() - counted) - reserved) : 0;
  }

  /// When so much will fit, if nobody else takes anything; empty when that hangs on the end of
  /// jobs.
  Optional<Instant> fitsAt(long amount, Instant now) {
    try {
      long taken = Math.addExact(used.sum(now), reserved);
      return used.leaves(Math.addExact(taken, amount - limit.amount()), now);
    } catch (ArithmeticException e) {
      // More than can be counted.
      return Optional.empty();
    }
  }

  /// What is used, by the first millisecond of each stretch of time that is still counted.
  Map<Long, Long> usedByPeriod(Instant now) {
    return used.kept(now);
  }

  Reading reading(Instant now) {
    return new Reading(limit, key, used(now), reserved, left(now), used.resets(now));
  }

  Map<Long, Long> kept(Instant now) {
    return settled.kept(now);
  }
}
