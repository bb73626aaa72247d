package dev.sluice.router.topology;

import dev.sluice.contract.avro.BudgetAlert;
import dev.sluice.contract.avro.ShardUse;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.topic.Topics;
import dev.sluice.router.core.TaskPart;
import dev.sluice.router.core.TaskState;
import dev.sluice.router.core.limits.Alert;
import dev.sluice.router.core.limits.BudgetUse;
import dev.sluice.router.core.limits.Limits;
import dev.sluice.router.core.limits.UsesElsewhere;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.Serde;

/// Tells of parts of budgets that were reached. The task of a tenant's first shard does, by what is
/// used there and by what the tasks of other shards tell it. Derived from the jobs' records: what a
/// crash leaves untold is found again. What was told is written into the task's log once a commit
/// covers it, so a restart does not repeat it. Owned by the stream thread.
final class AlertTeller {
  private final Serde<BudgetAlert> alerts;
  private final Serde<ShardUse> uses;
  private final ForwardingSender sender;
  private final RouterMeters meters;
  private final Supplier<UsesElsewhere> elsewhere;

  /// What the tasks of other shards had told when it was last looked at.
  private UsesElsewhere seen = UsesElsewhere.NONE;

  /// What this task has told the first one, by tenant.
  private final Map<String, BudgetUse> shared = new HashMap<>();

  /// Sent since the last commit.
  private final List<Alert> sent = new ArrayList<>();

  /// Covered by a commit, and not written down yet.
  private final List<Alert> covered = new ArrayList<>();

  AlertTeller(
      RouterSerdes serdes,
      ForwardingSender sender,
      RouterMeters meters,
      Supplier<UsesElsewhere> elsewhere) {
    this.alerts = serdes.budgetAlert();
    this.uses = serdes.shardUse();
    this.sender = sender;
    this.meters = meters;
    this.elsewhere = elsewhere;
  }

  /// @param changed tenants of whom something has changed here
  void tick(TaskState state, Set<String> changed, Policy policy, Instant now) {
    Limits limits = state.gate().limits();
    UsesElsewhere told = elsewhere.get();
    for (String tenant : due(changed, told)) {
      if (state.part().isFirst(tenant)) {
        policy.tenant(tenant).ifPresent(all -> tell(limits, all, told, policy.version(), now));
      } else if (changed.contains(tenant)) {
        share(state.part(), tenant, limits.budgetUse(tenant, now), now);
      }
    }
    seen = told;
  }

  private Set<String> due(Set<String> changed, UsesElsewhere told) {
    if (told.equals(seen)) {
      return changed;
    }
    Set<String> due = new HashSet<>(changed);
    told.byTenant().keySet().stream()
        .filter(tenant -> !told.of(tenant).equals(seen.of(tenant)))
        .forEach(due::add);
    return due;
  }

  private void tell(
      Limits limits, Policy.Tenant tenant, UsesElsewhere told, long policyVersion, Instant now) {
    for (Alert alert : limits.alerts(tenant, told.of(tenant.id()).values(), now)) {
      send(
          tenant.id(),
          tenant.id(),
          Output.of(Topics.ALERTS.name(), null, alerts, record(alert, policyVersion, now)));
      sent.add(alert);
      meters.alerted();
    }
  }

  /// Tells the tenant's first task what is used in this one.
  private void share(TaskPart part, String tenant, BudgetUse use, Instant now) {
    BudgetUse before = Optional.ofNullable(shared.put(tenant, use)).orElse(BudgetUse.NONE);
    if (!use.equals(before)) {
      send(
          part.keyOf(tenant),
          tenant,
          Output.of(Topics.BUDGETS.name(), null, uses, Uses.shard(tenant, part.task(), use, now)));
    }
  }

  private void send(String key, String tenant, Output output) {
    sender.send(key, output.asPatient(), "", tenant);
  }

  /// A commit has just ended: all that was sent before it is delivered.
  void committed() {
    covered.addAll(sent);
    sent.clear();
  }

  /// Writes down what the last commit covered.
  void settle(Limits limits, TaskLog log, Instant now) {
    covered.forEach(limits::delivered);
    covered.stream()
        .map(Alert::tenant)
        .distinct()
        .flatMap(tenant -> limits.image(tenant, now).stream())
        .forEach(log::use);
    covered.clear();
  }

  private static BudgetAlert record(Alert alert, long policyVersion, Instant now) {
    return BudgetAlert.newBuilder()
        .setAlertId(alert.id())
        .setTenant(alert.tenant())
        .setLimit(alert.key())
        .setUnit(alert.limit().unit().key())
        .setFraction(alert.fraction().stripTrailingZeros().toPlainString())
        .setUsed(alert.limit().amountText(alert.used()))
        .setAmount(alert.limit().amountText(alert.limit().amount()))
        .setPeriodStart(alert.start())
        .setPeriodEnd(alert.end().orElse(null))
        .setPolicyVersion(policyVersion)
        .setAt(now)
        .build();
  }
}
