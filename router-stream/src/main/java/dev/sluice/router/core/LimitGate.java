package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import dev.sluice.router.core.limits.Block;
import dev.sluice.router.core.limits.Limits;
import dev.sluice.router.core.limits.Stake;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Between what waits and its release: lets a job through that fits into its tenant's limits, and
/// remembers when those that do not should be tried again. Owned by one thread.
public final class LimitGate {
  private final Limits limits = new Limits();
  private final Wakes wakes = new Wakes();
  private final List<Blocked> blocked = new ArrayList<>();

  /// One release that a limit does not allow.
  public record Blocked(JobId id, Block block) {}

  public Limits limits() {
    return limits;
  }

  /// Whether something of a job's tenant limits it. Copies are the operator's, and count nowhere.
  public boolean limits(Job job) {
    return !job.isCopy() && limits.limits(job.tenant());
  }

  /// Counts a job as it now is.
  ///
  /// @return whether something has become free that others may wait for
  boolean count(Job job) {
    return !job.isCopy() && limits.apply(job.id(), job.tenant(), job::stake);
  }

  void forget(Job job) {
    if (!job.isCopy()) {
      limits.forget(job.id(), job.tenant(), job.progress().spent());
    }
  }

  /// The limits before which a job stands, as one name. One that waits for a retry has its room
  /// already: it stands apart, for whoever is before it may be waiting for that very room.
  String lane(Job job) {
    if (!limits(job)) {
      return "";
    }
    Stake stake = job.stake();
    String lane = limits.lane(stake);
    return stake.stage() == Stake.Stage.RELEASED ? "again " + lane : lane;
  }

  /// The limit that holds a job back now; empty when none does.
  public Optional<Block> heldBack(Job job, Instant now) {
    Optional<Block> block = limits.holdsBack(job.id(), job.tenant(), job::stake, now);
    block.ifPresent(because -> wakes.at(job.tenant(), because.fitsAt()));
    return block;
  }

  /// The same of a job at the head of its lane; one that is held back is told of once.
  boolean admits(Job job, Instant now) {
    Optional<Block> block = heldBack(job, now);
    block.ifPresent(because -> blocked.add(new Blocked(job.id(), because)));
    return block.isEmpty();
  }

  /// Those that came to the head of their lane and were held back there since this was last asked.
  public List<Blocked> takeBlocked() {
    List<Blocked> taken = List.copyOf(blocked);
    blocked.clear();
    return taken;
  }

  /// Tenants to try again, because time alone has freed something.
  Set<String> due(Instant now) {
    return wakes.due(now);
  }
}
