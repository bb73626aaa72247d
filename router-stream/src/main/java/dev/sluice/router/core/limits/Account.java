package dev.sluice.router.core.limits;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Limit;
import dev.sluice.contract.model.Limit.Part;
import dev.sluice.contract.model.LimitNames;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A tenant's limits and what is used of each. A limit on a tag without a value is as many meters
/// as the tag has values. Not safe for several threads.
final class Account {
  private final List<Limit> limits;
  private final int shards;

  /// Those of a limit that all its jobs share, in the order of the limits; null where each value of
  /// a tag has its own.
  private final List<@Nullable Meter> shared = new ArrayList<>();

  private final Map<String, Meter> meters = new LinkedHashMap<>();

  /// Use of limits that no job has met yet, or that the policy no longer names.
  private final Map<String, Map<Long, Long>> dormant = new HashMap<>();

  private final Corrections corrections;

  /// Answers that are counted and whose jobs the log still keeps, by their place.
  private final TreeMap<Long, JobId> pending = new TreeMap<>();

  /// The last answer that the log keeps without its job.
  private long settled;

  /// @param shards among which the tenant's limits are divided; what is counted here is some of
  ///   them
  /// @param before what the log says, or what an account under an earlier policy held
  Account(List<Limit> limits, int shards, Image before) {
    this.limits = List.copyOf(limits);
    this.shards = shards;
    dormant.putAll(before.uses());
    settled = before.sequence();
    corrections = new Corrections(before.learnt(), before.corrections());
    for (Limit limit : limits) {
      shared.add(limit.part().byValue() ? null : meter(limit, limit.key()));
    }
    // Those of the values that have used something.
    LimitNames names = new LimitNames(limits);
    List.copyOf(dormant.keySet())
        .forEach(key -> names.of(key).ifPresent(limit -> meter(limit, key)));
  }

  int shards() {
    return shards;
  }

  private Meter meter(Limit limit, String key) {
    return meters.computeIfAbsent(
        key,
        name -> {
          Map<Long, Long> kept = dormant.remove(name);
          return new Meter(limit, name, kept == null ? Map.of() : kept);
        });
  }

  /// The meters that count a job.
  List<Meter> metersOf(Demand demand) {
    List<Meter> counting = new ArrayList<>(limits.size());
    for (int i = 0; i < limits.size(); i++) {
      Limit limit = limits.get(i);
      if (counts(limit.part(), demand)) {
        Meter meter = shared.get(i);
        if (meter == null) {
          meter = ofValue(limit, demand);
        }
        if (meter != null) {
          counting.add(meter);
        }
      }
    }
    return counting;
  }

  private static boolean counts(Part part, Demand demand) {
    return switch (part) {
      case Part.Whole _ -> true;
      case Part.Team team -> team.keys().contains(demand.keyId());
      case Part.Key key -> key.id().equals(demand.keyId());
      case Part.Tag tag -> {
        String value = demand.tags().get(tag.name());
        yield value != null && (tag.value().isEmpty() || tag.value().get().equals(value));
      }
    };
  }

  /// Null where the value has a limit of its own.
  private @Nullable Meter ofValue(Limit limit, Demand demand) {
    if (!(limit.part() instanceof Part.Tag tag)) {
      throw new IllegalStateException("not counted by value: " + limit.key());
    }
    Meter meter = meter(limit, limit.keyOf(tag.key() + "=" + demand.tags().get(tag.name())));
    return meter.limit().part().byValue() ? meter : null;
  }

  /// Whether a unit is limited for a job.
  static boolean counts(List<Meter> counting, Limit.Unit unit) {
    for (Meter meter : counting) {
      if (meter.limit().unit() == unit) {
        return true;
      }
    }
    return false;
  }

  /// Whether every limit is the whole tenant's.
  boolean wholeOnly() {
    return limits.stream().allMatch(limit -> limit.part() instanceof Part.Whole);
  }

  boolean countsBy(String tag) {
    return limits.stream()
        .anyMatch(limit -> limit.part() instanceof Part.Tag named && named.name().equals(tag));
  }

  long settled() {
    return settled;
  }

  Corrections corrections() {
    return corrections;
  }

  /// An answer is counted, and has shown what its prompt was; until [#settle] its job's record says
  /// so.
  void awaits(Spent answer, JobId id, Stake job) {
    pending.put(answer.sequence(), id);
    corrections.learn(
        answer.sequence(), job.model(), job.demand().inputTokens(), answer.inputTokens());
  }

  /// Jobs whose answers the log keeps from now on without them: all up to one place.
  List<JobId> settle(long sequence) {
    if (sequence <= settled) {
      return List.of();
    }
    settled = sequence;
    Map<Long, JobId> through = pending.headMap(sequence, true);
    List<JobId> jobs = List.copyOf(through.values());
    through.clear();
    return jobs;
  }

  /// @param alarms what was told of its budgets
  Image image(String tenant, Alarms alarms, Instant now) {
    Map<String, Map<Long, Long>> uses = new HashMap<>(dormant);
    meters.forEach((key, meter) -> {
      Map<Long, Long> kept = meter.kept(now);
      if (!kept.isEmpty()) {
        uses.put(key, kept);
      }
    });
    return new Image(
        tenant, settled, uses, alarms.kept(limits, now), corrections.learnt(), corrections.kept());
  }

  /// What is used of budgets with alerts.
  BudgetUse budgetUse(Instant now) {
    Map<String, Map<Long, Long>> used = new HashMap<>();
    for (Meter meter : meters.values()) {
      if (!meter.limit().alerts().isEmpty()) {
        Map<Long, Long> periods = meter.usedByPeriod(now);
        if (!periods.isEmpty()) {
          used.put(meter.key(), periods);
        }
      }
    }
    return new BudgetUse(used);
  }

  List<Reading> readings(Instant now) {
    List<Reading> readings = new ArrayList<>(meters.size());
    for (Meter meter : meters.values()) {
      readings.add(
          new Reading(
              meter.limit(),
              meter.key(),
              meter.used(now),
              meter.reserved(),
              meter.left(now),
              meter.resets(now)));
    }
    return readings;
  }
}
