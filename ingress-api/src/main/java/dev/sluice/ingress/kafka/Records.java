package dev.sluice.ingress.kafka;

import dev.sluice.contract.avro.AttemptError;
import dev.sluice.contract.avro.Command;
import dev.sluice.contract.avro.DeadLetter;
import dev.sluice.contract.avro.JobEvent;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Topics;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;

/// The record classes an ingress reads and writes. Safe for use by many threads.
final class Records {
  static final String EVENTS = Topics.EVENTS.name();
  static final String RESULTS = Topics.RESULTS.name();

  private final Serde<Submission> submissions;
  private final Serde<Command> commands;
  private final Serde<JobEvent> events;
  private final Serde<JobResult> results;
  private final Serde<DeadLetter> deadLetters;

  Records(RecordSerdes serdes) {
    submissions = serdes.forRecord(Submission.class);
    commands = serdes.forRecord(Command.class);
    events = serdes.forRecord(JobEvent.class);
    results = serdes.forRecord(JobResult.class);
    deadLetters = serdes.forRecord(DeadLetter.class);
  }

  byte[] deadLetter(DeadLetter letter) {
    return deadLetters.serializer().serialize(Topics.DLQ.name(), letter);
  }

  byte[] submission(String topic, Submission submission) {
    return submissions.serializer().serialize(topic, submission);
  }

  /// @throws SerializationException when it is none
  Submission submission(String topic, byte @Nullable [] bytes) {
    return present(submissions.deserializer().deserialize(topic, bytes));
  }

  byte[] command(Command command) {
    return commands.serializer().serialize(Topics.COMMANDS.name(), command);
  }

  /// @throws SerializationException when it is none
  JobEvent event(byte @Nullable [] bytes) {
    return present(events.deserializer().deserialize(EVENTS, bytes));
  }

  /// @throws SerializationException when it is none
  JobResult result(byte @Nullable [] bytes) {
    return present(results.deserializer().deserialize(RESULTS, bytes));
  }

  /// The terminal record without what can be large.
  byte[] summary(JobResult result) {
    JobResult brief = new JobResult();
    brief.setJobId(result.getJobId());
    brief.setTenant(result.getTenant());
    brief.setStatus(result.getStatus());
    brief.setFinishedAt(result.getFinishedAt());
    brief.setExpiresAt(result.getExpiresAt());
    brief.setStartedAt(result.getStartedAt());
    brief.setClaimId(result.getClaimId());
    brief.setError(withoutBody(result.getError()));
    brief.setUsage(result.getUsage());
    brief.setCost(result.getCost());
    brief.setPool(result.getPool());
    brief.setProviderModel(result.getProviderModel());
    brief.setPolicyVersion(result.getPolicyVersion());
    brief.setRouteReason(result.getRouteReason());
    brief.setRouteChoice(result.getRouteChoice());
    brief.setAttempts(result.getAttempts());
    return results.serializer().serialize(RESULTS, brief);
  }

  private static @Nullable AttemptError withoutBody(@Nullable AttemptError error) {
    if (error == null || error.getBody() == null) {
      return error;
    }
    AttemptError brief = new AttemptError();
    brief.setCode(error.getCode());
    brief.setCause(error.getCause());
    brief.setMessage(error.getMessage());
    brief.setProviderStatus(error.getProviderStatus());
    brief.setRetryAfterMs(error.getRetryAfterMs());
    return brief;
  }

  private static <T> T present(@Nullable T record) {
    if (record == null) {
      throw new SerializationException("a record without a value");
    }
    return record;
  }
}
