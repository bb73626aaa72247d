package dev.sluice.router.topology;

import dev.sluice.contract.avro.BudgetAlert;
import dev.sluice.contract.avro.ShardUse;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.topic.LimitKey;
import dev.sluice.contract.topic.Topics;
import dev.sluice.router.core.TaskPart;
import dev.sluice.router.core.TaskState;
import dev.sluice.router.core.limits.Alert;
import dev.sluice.router.core.limits.Limits;
import dev.sluice.router.core.limits.NamedLimit;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.serialization.Serde;

/// Tells of parts of budgets that were reached. The task of a tenant's first shard does, by what is
/// used there and by what the tasks of other shards tell it. Derived from the jobs' records: what a
/// crash leaves untold is found again. What was told is written into the task's log once a commit
/// covers it, so a restart does not repeat it. Owned by the stream thread.
final class AlertTeller {
  /// In which what this task has told the first one should have come back to it.
  private static final Duration RETURN = Duration.ofSeconds(2);

  private final Serde<BudgetAlert> alerts;
  private final Serde<ShardUse> uses;
  private final ForwardingSender sender;
  private final RouterMeters meters;
  private final BudgetBoard board;

  /// What this task has told the first one.
  private final Map<NamedLimit, Map<Long, Long>> shared = new HashMap<>();

  /// When it told what has not come back yet.
  private final Map<NamedLimit, Instant> away = new HashMap<>();

  /// Sent since the last commit.
  private final List<Alert> sent = new ArrayList<>();

  /// Covered by a commit, and not written down yet.
  private final List<Alert> covered = new ArrayList<>();

  private long lookedAt;

  AlertTeller(
      RouterSerdes serdes, ForwardingSender sender, RouterMeters meters, BudgetBoard board) {
    this.alerts = serdes.budgetAlert();
    this.uses = serdes.shardUse();
    this.sender = sender;
    this.meters = meters;
    this.board = board;
  }

  /// @param changed tenants of whom something has changed here, with the limits of single values
  ///   among it, by name
  void tick(TaskState state, Map<String, Set<String>> changed, Policy policy, Instant now) {
    Limits limits = state.gate().limits();
    Map<String, Set<String>> told = new HashMap<>();
    changed.forEach((tenant, values) -> {
      Map<String, Map<Long, Long>> used = limits.budgets(tenant, values, now);
      if (state.part().isFirst(tenant)) {
        told.computeIfAbsent(tenant, _ -> new HashSet<>()).addAll(used.keySet());
      } else {
        used.forEach(
            (name, periods) -> share(state.part(), new NamedLimit(tenant, name), periods, now));
      }
    });
    read(state.part(), policy, told, now);
    told.forEach((tenant, names) ->
        policy.tenant(tenant).ifPresent(all -> tell(state, all, names, policy.version(), now)));
    shareAgain(state.part(), now);
  }

  /// What has been told since this was last looked at; where the policy has changed, or came after
  /// what was told, all.
  private void read(TaskPart part, Policy policy, Map<String, Set<String>> told, Instant now) {
    if (policy.version() != lookedAt) {
      board.leave(part.task());
      lookedAt = policy.version();
    }
    for (NamedLimit budget : board.news(part.task())) {
      if (part.isFirst(budget.tenant())) {
        told.computeIfAbsent(budget.tenant(), _ -> new HashSet<>()).add(budget.name());
      } else if (board.told(budget).containsKey(part.task())) {
        away.putIfAbsent(budget, now);
      }
    }
  }

  private void tell(
      TaskState state, Policy.Tenant tenant, Set<String> names, long policyVersion, Instant now) {
    Limits limits = state.gate().limits();
    Map<String, Map<Long, Long>> used = new HashMap<>(limits.budgets(tenant.id(), names, now));
    used.keySet().retainAll(names);
    for (String name : names) {
      board
          .told(new NamedLimit(tenant.id(), name))
          .forEach((task, periods) -> {
            if (task != state.part().task()) {
              used.merge(name, periods, AlertTeller::sum);
            }
          });
    }
    for (Alert alert : limits.alerts(tenant, used, now)) {
      send(
          tenant.id(),
          tenant.id(),
          Output.of(Topics.ALERTS.name(), null, alerts, record(alert, policyVersion, now)));
      sent.add(alert);
      meters.alerted();
    }
  }

  private static Map<Long, Long> sum(Map<Long, Long> one, Map<Long, Long> other) {
    Map<Long, Long> sum = new HashMap<>(one);
    other.forEach((period, used) -> sum.merge(period, used, Long::sum));
    return sum;
  }

  /// Tells the tenant's first task what is used in this one.
  private void share(TaskPart part, NamedLimit budget, Map<Long, Long> periods, Instant now) {
    Map<Long, Long> before = shared.put(budget, periods);
    if (!periods.equals(before == null ? Map.of() : before)) {
      send(part, budget, periods, now);
    }
  }

  /// What is in the topic is to be what this task has told last: a record of its predecessor may
  /// have come after it, or be of a budget of which nothing counted any more when this one began.
  private void shareAgain(TaskPart part, Instant now) {
    away.entrySet()
        .removeIf(told -> {
          Map<Long, Long> periods = shared.getOrDefault(told.getKey(), Map.of());
          return periods.equals(board.told(told.getKey()).getOrDefault(part.task(), Map.of()));
        });
    List<NamedLimit> lost = new ArrayList<>();
    away.forEach((budget, at) -> {
      if (at.plus(RETURN).isBefore(now)) {
        lost.add(budget);
      }
    });
    lost.forEach(budget -> send(part, budget, shared.getOrDefault(budget, Map.of()), now));
  }

  private void send(TaskPart part, NamedLimit budget, Map<Long, Long> periods, Instant now) {
    away.put(budget, now);
    String topic = Topics.BUDGETS.name();
    send(
        new LimitKey(budget.tenant(), part.task(), budget.name()).text(),
        budget.tenant(),
        periods.isEmpty()
            ? Output.removing(topic)
            : Output.of(topic, null, uses, Uses.shard(budget, part.task(), periods, now)));
  }

  /// A value of a tag of which nothing counts any more.
  void forget(TaskPart part, NamedLimit value, Instant now) {
    if (shared.remove(value) != null) {
      send(part, value, Map.of(), now);
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
    covered.stream().map(Alert::tenant).distinct().forEach(tenant -> log.use(limits, tenant, now));
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
