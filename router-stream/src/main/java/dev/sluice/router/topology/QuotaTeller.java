package dev.sluice.router.topology;

import dev.sluice.contract.avro.QuotaReading;
import dev.sluice.contract.avro.QuotaState;
import dev.sluice.contract.model.Limit.Window;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.topic.Topics;
import dev.sluice.router.core.TaskState;
import dev.sluice.router.core.limits.Limits;
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
/// soon after a job changed it, and while time alone changes it. Owned by the stream thread.
final class QuotaTeller {
  private static final Duration INTERVAL = Duration.ofMillis(200);
  private static final Duration FADING_INTERVAL = Duration.ofSeconds(1);

  private final Serde<QuotaState> serde;
  private final ForwardingSender sender;
  private final AlertTeller alerts;

  /// What was told last.
  private final Map<String, List<Reading>> told = new HashMap<>();

  /// Tenants of whom something leaves a rolling window by and by.
  private final Set<String> fading = new HashSet<>();

  private Instant next = Instant.EPOCH;
  private Instant nextFading = Instant.EPOCH;

  QuotaTeller(Serde<QuotaState> serde, ForwardingSender sender, AlertTeller alerts) {
    this.serde = serde;
    this.sender = sender;
    this.alerts = alerts;
  }

  void tick(TaskState state, Policy policy, Instant now) {
    if (now.isBefore(next)) {
      return;
    }
    next = now.plus(INTERVAL);
    Limits limits = state.gate().limits();
    Set<String> due = limits.takeChanged();
    if (!now.isBefore(nextFading)) {
      nextFading = now.plus(FADING_INTERVAL);
      due.addAll(fading);
    }
    due.forEach(tenant -> {
      String key = state.part().keyOf(tenant);
      tell(tenant, key, limits.readings(tenant, now), policy.version(), now);
    });
    alerts.tick(state, due, policy, now);
  }

  private void tell(
      String tenant, String key, List<Reading> readings, long policyVersion, Instant now) {
    if (readings.stream().anyMatch(QuotaTeller::fades)) {
      fading.add(tenant);
    } else {
      fading.remove(tenant);
    }
    if (!readings.equals(told.put(tenant, readings))) {
      Output output =
          Output.of(Topics.QUOTAS.name(), null, serde, state(tenant, readings, policyVersion, now))
              .asPatient();
      sender.send(key, output, "", tenant);
    }
  }

  private static boolean fades(Reading reading) {
    return reading.limit().window() instanceof Window.Rolling && reading.used() > 0;
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
}
