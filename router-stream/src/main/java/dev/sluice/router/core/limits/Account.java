package dev.sluice.router.core.limits;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Limit;
import dev.sluice.contract.model.Limit.Part;
import dev.sluice.contract.model.LimitNames;
import dev.sluice.contract.model.Policy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A tenant's limits and what is used of each. A limit on a tag without a value is as many meters
/// as values of the tag have used it lately, maybe one for each of the tenant's users: whatever is
/// done often is done of those alone that changed. Not safe for several threads.
final class Account {
  private final String tenant;
  private final List<Limit> limits;
  private final LimitNames names;
  private final int shards;
  private final Consumer<String> onValue;

  /// Those of a limit that all its jobs share, in the order of the limits; null where each value of
  /// a tag has its own.
  private final List<@Nullable Meter> shared = new ArrayList<>();

  /// Those of single values, by name.
  private final Map<String, Meter> values = new HashMap<>();

  /// Use of limits that the policy does not name now, by name; of none that is of a single value.
  private final Map<String, Map<Long, Long>> dormant;

  /// Names of values that the log does not have as they are.
  private final Set<String> unlogged = new HashSet<>();

  /// Names of values of which the log has a record, and which are nothing for themselves any more.
  private final Set<String> orphans = new HashSet<>();

  private final Corrections corrections;

  /// Answers that are counted and whose jobs the log still keeps, by their place.
  private final TreeMap<Long, JobId> pending = new TreeMap<>();

  /// The last answer that the log keeps without its job.
  private long settled;

  /// @param own the tenant with what is here of its limits
  /// @param before what the log says, or what an account under an earlier policy held
  /// @param onValue told the name of each value that begins to count
  Account(Policy.Tenant own, Kept before, Consumer<String> onValue) {
    this.tenant = own.id();
    this.names = new LimitNames(own.limits());
    this.limits = names.distinct();
    this.shards = own.shards();
    this.onValue = onValue;
    Image image = before.image();
    settled = image.sequence();
    corrections = new Corrections(image.learnt(), image.corrections());
    dormant = new HashMap<>(image.uses());
    unlogged.addAll(before.unlogged());
    Map<String, ValueImage> known = newest(before);
    for (Limit limit : limits) {
      shared.add(limit.part().byValue() ? null : meter(limit, known.get(limit.key())));
    }
    known.forEach((name, use) -> {
      Limit limit = names.of(name).filter(found -> found.part().byValue()).orElse(null);
      if (limit == null) {
        unlogged.remove(name);
        orphans.add(name);
      } else {
        dormant.remove(name);
        Meter meter = value(limit, name, use);
        if (before.values().containsKey(name)) {
          meter.logged();
        }
      }
    });
  }

  /// Values that have used something. The tenant's record may have one of them, where it was
  /// written when the value had a limit of its own, or by a version that had all there; if so, the
  /// record that is newer counts.
  private Map<String, ValueImage> newest(Kept before) {
    Map<String, ValueImage> known = new HashMap<>(before.values());
    dormant.forEach((name, uses) -> {
      ValueImage own = known.get(name);
      boolean ofValue = names.of(name).filter(limit -> limit.part().byValue()).isPresent();
      if (own == null ? ofValue : own.sequence() <= settled) {
        known.put(name, new ValueImage(called(name), settled, uses, Map.of()));
        unlogged.add(name);
      }
    });
    return known;
  }

  /// @param value what is known of it, if each value had the limit for itself until now, or has had
  private Meter meter(Limit limit, @Nullable ValueImage value) {
    Map<Long, Long> kept = dormant.remove(limit.key());
    return value == null
        ? new Meter(limit, limit.key(), kept == null ? Map.of() : kept, settled)
        : new Meter(limit, limit.key(), value.uses(), value.sequence());
  }

  private NamedLimit called(String name) {
    return new NamedLimit(tenant, name);
  }

  private Meter value(Limit limit, String name) {
    Meter known = values.get(name);
    return known == null
        ? value(limit, name, new ValueImage(called(name), 0, Map.of(), Map.of()))
        : known;
  }

  private Meter value(Limit limit, String name, ValueImage use) {
    Meter fresh = new Meter(limit, name, use.uses(), use.sequence());
    values.put(name, fresh);
    onValue.accept(name);
    return fresh;
  }

  int shards() {
    return shards;
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
    String name = limit.keyOf(tag.key() + "=" + demand.tags().get(tag.name()));
    return names.of(name).filter(limit::equals).isPresent() ? value(limit, name) : null;
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

  /// Jobs whose answers the log keeps from now on without them, by the answers' places: all up to
  /// one place.
  Map<Long, JobId> settle(long sequence) {
    if (sequence <= settled) {
      return Map.of();
    }
    settled = sequence;
    Map<Long, JobId> through = pending.headMap(sequence, true);
    Map<Long, JobId> jobs = new LinkedHashMap<>(through);
    through.clear();
    return jobs;
  }

  /// The log does not have what it is to keep of a value; returns whether anything is known of it.
  boolean unlogged(String name) {
    boolean known = values.containsKey(name);
    if (known) {
      unlogged.add(name);
    }
    return known;
  }

  /// What the log is to keep of all but single values.
  Image image(Alarms alarms, Instant now) {
    Map<String, Map<Long, Long>> uses = new HashMap<>(dormant);
    Map<String, Map<Long, Long>> told = new HashMap<>();
    for (Meter meter : shared) {
      if (meter != null) {
        putUnlessEmpty(uses, meter.key(), meter.kept(now));
        putUnlessEmpty(told, meter.key(), alarms.kept(meter, now));
      }
    }
    return new Image(tenant, settled, uses, told, corrections.learnt(), corrections.kept());
  }

  private static void putUnlessEmpty(
      Map<String, Map<Long, Long>> all, String name, Map<Long, Long> kept) {
    if (!kept.isEmpty()) {
      all.put(name, kept);
    }
  }

  /// What the log is to keep of values that have changed since this was last asked.
  List<ValueImage> takeUnlogged(Alarms alarms, Instant now) {
    List<ValueImage> images = new ArrayList<>(unlogged.size());
    for (String name : unlogged) {
      Meter meter = values.get(name);
      if (meter != null) {
        meter.logged();
        images.add(image(meter, alarms, now));
      }
    }
    unlogged.clear();
    return images;
  }

  private ValueImage image(Meter meter, Alarms alarms, Instant now) {
    return new ValueImage(
        called(meter.key()), meter.settled(), meter.kept(now), alarms.kept(meter, now));
  }

  /// All of it, for an account under another policy.
  Kept kept(Alarms alarms, Instant now) {
    Map<String, ValueImage> all = new HashMap<>();
    values.forEach((name, meter) -> all.put(name, image(meter, alarms, now)));
    return new Kept(image(alarms, now), all, new HashSet<>(unlogged));
  }

  /// Names of values that are to be forgotten since this was last asked: their limit is none for
  /// each value any more.
  List<String> takeOrphans() {
    List<String> taken = List.copyOf(orphans);
    orphans.clear();
    return taken;
  }

  /// A value that counts; null where it does not.
  @Nullable Meter value(String name) {
    return values.get(name);
  }

  /// The same of one that may begin to, because it was told of elsewhere.
  @Nullable Meter toldOf(String name) {
    return names
        .of(name)
        .filter(limit -> limit.part().byValue())
        .map(limit -> value(limit, name))
        .orElse(null);
  }

  void drop(Meter value) {
    values.remove(value.key());
    unlogged.remove(value.key());
  }

  /// Budgets with alerts that are not of single values.
  List<Meter> alerting() {
    List<Meter> alerting = new ArrayList<>();
    for (Meter meter : shared) {
      if (meter != null && !meter.limit().alerts().isEmpty()) {
        alerting.add(meter);
      }
    }
    return alerting;
  }

  /// What is used of all but single values.
  List<Reading> readings(Instant now) {
    List<Reading> readings = new ArrayList<>(shared.size());
    for (Meter meter : shared) {
      if (meter != null) {
        readings.add(meter.reading(now));
      }
    }
    return readings;
  }
}
