package dev.sluice.ingress.http;

import dev.sluice.contract.model.Policy;
import dev.sluice.ingress.IngressConfig;
import dev.sluice.ingress.callback.Callbacks;
import dev.sluice.ingress.log.ComparisonLog;
import dev.sluice.ingress.log.ControlLog;
import dev.sluice.ingress.log.CostLog;
import dev.sluice.ingress.log.JobLog;
import dev.sluice.ingress.log.QueueLog;
import dev.sluice.ingress.log.QuotaLog;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.function.Supplier;

/// What endpoints are made of.
///
/// @param policy the policy in force
public record Surroundings(
    IngressConfig config,
    JobLog log,
    CostLog costs,
    ComparisonLog comparisons,
    Storage storage,
    QueueLog queues,
    QuotaLog quotas,
    ControlLog controls,
    Callbacks callbacks,
    Supplier<Policy> policy,
    MeterRegistry meters,
    Clock clock) {}
