package dev.sluice.router.core.limits;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// A task's log of one tenant, as far as it keeps what limits need.
final class LimitsLog {
  private final String tenant;
  private Optional<Image> image = Optional.empty();
  private final Map<NamedLimit, ValueImage> values = new HashMap<>();

  LimitsLog(String tenant) {
    this.tenant = tenant;
  }

  /// As a version wrote it that had all values in the tenant's record.
  static LimitsLog of(Image image) {
    LimitsLog log = new LimitsLog(image.tenant());
    log.image = Optional.of(image);
    return log;
  }

  /// What a router writes when answers were counted.
  void keep(Limits limits, Instant now) {
    limits.takeUnlogged(tenant, now).forEach(value -> values.put(value.limit(), value));
    image = limits.image(tenant, now);
  }

  /// The same of a router that dies before it has written all.
  void keepSome(Limits limits, Instant now, Random random) {
    List<ValueImage> all = limits.takeUnlogged(tenant, now);
    all.subList(0, random.nextInt(all.size() + 1))
        .forEach(value -> values.put(value.limit(), value));
  }

  /// Looks at values; those that the log is to forget are forgotten.
  void sweep(Limits limits, int most, Instant now) {
    List<Gone> swept = limits.sweep(most, now);
    if (!swept.isEmpty()) {
      keep(limits, now);
    }
    swept.stream().filter(Gone::logged).map(Gone::name).forEach(values::remove);
  }

  /// Values that the log knows, count.
  int values() {
    return values.size();
  }

  /// What another router reads, before it adopts a policy.
  Limits restored() {
    Limits limits = new Limits();
    image.ifPresent(limits::restore);
    values.values().forEach(limits::restore);
    return limits;
  }

  /// Readings of all limits, also of single values.
  static List<Reading> readings(
      Limits limits, String tenant, Iterable<String> values, Instant now) {
    List<Reading> all = new ArrayList<>(limits.readings(tenant, now));
    for (String name : values) {
      limits.reading(new NamedLimit(tenant, name), now).ifPresent(all::add);
    }
    return all;
  }
}
