package dev.sluice.runtime.lifecycle;

import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.runtime.config.SecretSource;
import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.runtime.policy.PolicyView;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Clock;

/// What every service of a process shares.
///
/// @param processId new at each start, so that a restarted process is another one
/// @param kafka makes Kafka clients
/// @param serdes Avro serde of each record class
/// @param policy the policy in force
/// @param secrets resolves references such as `${env:NAME}`
/// @param meters metrics of the process
/// @param clock wall clock, for timestamps that people read; no decision compares two processes'
/// @param stateDir folder for local state that can be lost
public record ServiceContext(
    String processId,
    KafkaClients kafka,
    RecordSerdes serdes,
    PolicyView policy,
    SecretSource secrets,
    MeterRegistry meters,
    Clock clock,
    Path stateDir) {}
