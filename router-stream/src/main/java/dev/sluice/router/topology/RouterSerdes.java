package dev.sluice.router.topology;

import dev.sluice.contract.avro.BudgetAlert;
import dev.sluice.contract.avro.Command;
import dev.sluice.contract.avro.DeadLetter;
import dev.sluice.contract.avro.InboxMessage;
import dev.sluice.contract.avro.JobEvent;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.QueueLine;
import dev.sluice.contract.avro.QuotaState;
import dev.sluice.contract.avro.RouterTransition;
import dev.sluice.contract.avro.Settlement;
import dev.sluice.contract.avro.ShardUse;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.avro.Work;
import dev.sluice.contract.serde.RecordSerdes;
import org.apache.kafka.common.serialization.Serde;

/// The serde of each record the router reads or writes.
record RouterSerdes(
    Serde<Submission> submission,
    Serde<Command> command,
    Serde<RouterTransition> transition,
    Serde<Work> work,
    Serde<InboxMessage> inbox,
    Serde<JobEvent> event,
    Serde<JobResult> result,
    Serde<Settlement> settlement,
    Serde<DeadLetter> deadLetter,
    Serde<QueueLine> queueLine,
    Serde<QuotaState> quotaState,
    Serde<BudgetAlert> budgetAlert,
    Serde<ShardUse> shardUse) {

  static RouterSerdes of(RecordSerdes serdes) {
    return new RouterSerdes(
        serdes.forRecord(Submission.class),
        serdes.forRecord(Command.class),
        serdes.forRecord(RouterTransition.class),
        serdes.forRecord(Work.class),
        serdes.forRecord(InboxMessage.class),
        serdes.forRecord(JobEvent.class),
        serdes.forRecord(JobResult.class),
        serdes.forRecord(Settlement.class),
        serdes.forRecord(DeadLetter.class),
        serdes.forRecord(QueueLine.class),
        serdes.forRecord(QuotaState.class),
        serdes.forRecord(BudgetAlert.class),
        serdes.forRecord(ShardUse.class));
  }
}
