package dev.sluice.router.topology;

import dev.sluice.contract.avro.QuotaReading;
import dev.sluice.contract.avro.QuotaState;
import dev.sluice.contract.model.Limit.Window;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.topic.LimitKey;
import dev.sluice.contract.topic.Topics;
import dev.sluice.router.core.TaskPart;
import dev.sluice.router.core.TaskState;
import dev.sluice.router.core.limits.Gone;
import dev.sluice.router.core.limits.Limits;
import dev.sluice.router.core.limits.NamedLimit;
import dev.sluice.router.core.limits.Reading;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.serialization.Serde;

/// Tells what tenants have used of their limits, so that any ingress can say it without asking:
/// soon after a job changed it, and while time alone changes it. What single values of tags use is
/// told of each by itself, for there may be as many as a tenant has users. Owned by the stream
/// thread.
final class QuotaTeller {
  private static final Duration INTERVAL = Duration.ofMillis(200);
  private static final Duration FADING_INTERVAL = Duration.ofSeconds(1);

  /// Values of tags looked at in one interval, count: 2,500 a second.
  private static final int SWEPT = 500;

  /// Values of tags told in one interval, count: after a restart all are to be told.
  private static final int TOLD = 2_000;

  private static final String TOPIC = Topics.QUOTAS.name();

  private final Serde<QuotaState> serde;
  private final ForwardingSender sender;
  private final AlertTeller alerts;

  /// What was told last.
  private final Map<String, List<Reading>> told = new HashMap<>();

  private final Map<NamedLimit, Reading> toldOfValues = new HashMap<>();

  /// Tenants of whom something leaves a rolling window by and by.
  private final Set<String> fading = new HashSet<>();

  private Instant next = Instant.EPOCH;
  private Instant nextFading = Instant.EPOCH;

  QuotaTeller(Serde<QuotaState> serde, ForwardingSender sender, AlertTeller alerts) {
    this.serde = serde;
    this.sender = sender;
    this.alerts = alerts;
  }

  void tick(TaskState state, TaskLog log, Policy policy, Instant now) {
    if (now.isBefore(next)) {
      return;
    }
    next = now.plus(INTERVAL);
    Limits limits = state.gate().limits();
    List<Gone> swept = limits.sweep(SWEPT, now);
    // What a value used may be the tenant's to know from now on.
    swept.stream()
        .filter(Gone::logged)
        .map(gone -> gone.name().tenant())
        .distinct()
        .forEach(tenant -> log.use(limits, tenant, now));
    swept.forEach(gone -> forget(state.part(), log, gone, now));
    Map<String, Set<String>> due = limits.takeChanged(TOLD);
    if (!now.isBefore(nextFading)) {
      nextFading = now.plus(FADING_INTERVAL);
      fading.forEach(tenant -> due.putIfAbsent(tenant, Set.of()));
    }
    due.forEach((tenant, values) -> {
      tell(state.part(), tenant, limits.readings(tenant, now), policy, now);
      for (String name : values) {
        NamedLimit value = new NamedLimit(tenant, name);
        limits
            .reading(value, now)
            .ifPresent(reading -> tell(state.part(), value, reading, policy, now));
      }
    });
    alerts.tick(state, due, policy, now);
  }

  private void tell(
      TaskPart part, String tenant, List<Reading> readings, Policy policy, Instant now) {
    if (readings.stream().anyMatch(QuotaTeller::fades)) {
      fading.add(tenant);
    } else {
      fading.remove(tenant);
    }
    if (!readings.equals(told.put(tenant, readings))) {
      send(part.keyOf(tenant), tenant, readings, policy, now);
    }
  }

  private static boolean fades(Reading reading) {
    return reading.limit().window() instanceof Window.Rolling && reading.used() > 0;
  }

  private void tell(TaskPart part, NamedLimit value, Reading reading, Policy policy, Instant now) {
    if (reading.used() == 0 && reading.reserved() == 0) {
      remove(part, value);
    } else if (!reading.equals(toldOfValues.put(value, reading))) {
      send(key(part, value), value.tenant(), List.of(reading), policy, now);
    }
  }

  private void send(String key, String tenant, List<Reading> readings, Policy policy, Instant now) {
    QuotaState state = state(tenant, readings, policy.version(), now);
    sender.send(key, Output.of(TOPIC, null, serde, state).asPatient(), "", tenant);
  }

  private void forget(TaskPart part, TaskLog log, Gone gone, Instant now) {
    NamedLimit value = gone.name();
    if (gone.logged()) {
      // First, so that a router that has been replaced is stopped before it says anything.
      log.drop(value);
      toldOfValues.remove(value);
      sendRemoval(part, value);
    } else {
      remove(part, value);
    }
    alerts.forget(part, value, now);
  }

  /// Nothing is used of a value now.
  private void remove(TaskPart part, NamedLimit value) {
    if (toldOfValues.remove(value) != null) {
      sendRemoval(part, value);
    }
  }

  private void sendRemoval(TaskPart part, NamedLimit value) {
    sender.send(key(part, value), Output.removing(TOPIC).asPatient(), "", value.tenant());
  }

  private static QuotaState state(
      String tenant, List<Reading> readings, long policyVersion, Instant now) {
    return QuotaState.newBuilder()
        .setTenant(tenant)
        .setPolicyVersion(policyVersion)
        .setLimits(
            readings.stream()
                .map(reading ->
                    new QuotaReading(
                        reading.key(),
                        reading.used(),
                        reading.reserved(),
                        reading.left(),
                        reading.resetsAt().orElse(null)))
                .toList())
        .setAt(now)
        .build();
  }

  private static String key(TaskPart part, NamedLimit value) {
    return new LimitKey(value.tenant(), part.task(), value.name()).text();
  }
}
