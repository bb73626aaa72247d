package dev.sluice.worker.kafka;

import dev.sluice.contract.avro.Beat;
import dev.sluice.contract.avro.Command;
import dev.sluice.contract.avro.DeadLetter;
import dev.sluice.contract.avro.InboxMessage;
import dev.sluice.contract.avro.JobEvent;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.avro.Work;
import dev.sluice.contract.serde.RecordSerdes;
import org.apache.kafka.common.serialization.Serde;

/// The serdes of every record that the worker reads or writes.
public record WorkerSerdes(
    Serde<Work> work,
    Serde<Command> command,
    Serde<JobEvent> event,
    Serde<InboxMessage> inbox,
    Serde<Beat> beat,
    Serde<Submission> submission,
    Serde<DeadLetter> deadLetter) {

  public static WorkerSerdes of(RecordSerdes serdes) {
    return new WorkerSerdes(
        serdes.forRecord(Work.class),
        serdes.forRecord(Command.class),
        serdes.forRecord(JobEvent.class),
        serdes.forRecord(InboxMessage.class),
        serdes.forRecord(Beat.class),
        serdes.forRecord(Submission.class),
        serdes.forRecord(DeadLetter.class));
  }
}
