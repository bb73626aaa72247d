package dev.sluice.router.topology;

import dev.sluice.contract.avro.BudgetAlert;
import dev.sluice.contract.topic.Topics;
import dev.sluice.router.core.limits.Alert;
import dev.sluice.router.core.limits.Limits;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.serialization.Serde;

/// Tells of parts of budgets that were reached. Derived from the jobs' records: what a crash leaves
/// untold is found again. What was told is written into the task's log once a commit covers it, so
/// a restart does not repeat it. Owned by the stream thread.
final class AlertTeller {
  private final Serde<BudgetAlert> serde;
  private final ForwardingSender sender;
  private final RouterMeters meters;

  /// Sent since the last commit.
  private final List<Alert> sent = new ArrayList<>();

  /// Covered by a commit, and not written down yet.
  private final List<Alert> covered = new ArrayList<>();

  AlertTeller(Serde<BudgetAlert> serde, ForwardingSender sender, RouterMeters meters) {
    this.serde = serde;
    this.sender = sender;
    this.meters = meters;
  }

  void tell(Limits limits, String tenant, long policyVersion, Instant now) {
    for (Alert alert : limits.alerts(tenant, now)) {
      Output output =
          Output.of(Topics.ALERTS.name(), null, serde, record(alert, policyVersion, now))
              .asPatient();
      sender.send(tenant, output, "", tenant);
      sent.add(alert);
      meters.alerted();
    }
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
