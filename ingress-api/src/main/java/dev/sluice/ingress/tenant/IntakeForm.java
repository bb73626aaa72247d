package dev.sluice.ingress.tenant;

import dev.sluice.contract.avro.JobRequest;
import dev.sluice.contract.avro.PriorityClass;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.topic.Topics;
import dev.sluice.ingress.IngressConfig;
import dev.sluice.ingress.core.Fingerprint;
import dev.sluice.ingress.core.IntakeId;
import dev.sluice.ingress.core.PriorityRule;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.core.ShardRule;
import dev.sluice.ingress.core.Submitted;
import dev.sluice.ingress.json.Endpoints;
import dev.sluice.ingress.json.JobForm;
import dev.sluice.ingress.json.ResponseRequest;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;

/// A record of an intake topic as the job that `POST /v1/jobs` would have made of the same body: by
/// the same rules, with the time the broker took it in place of the time it came.
final class IntakeForm {
  private static final String PATH = "/v1/jobs";

  /// In place of an API key's id: the broker let the producer in.
  private static final String KEY_ID = "kafka";

  private final Serde<JobRequest> requests;
  private final IngressConfig config;
  private final int replyPartitions;

  IntakeForm(Serde<JobRequest> requests, IngressConfig config, int replyPartitions) {
    this.requests = requests;
    this.config = config;
    this.replyPartitions = replyPartitions;
  }

  private JobId id(ConsumerRecord<byte[], byte[]> record, int shard) {
    return IntakeId.of(
        record.topic(), record.partition(), record.offset(), at(record), replyPartitions, shard);
  }

  /// The id that a record's job has, if it is one.
  Optional<JobId> id(ConsumerRecord<byte[], byte[]> record, Policy policy) {
    if (policy.shards(Topics.tenantOfIntake(record.topic())) == 1) {
      return Optional.of(id(record, 0));
    }
    return read(record, policy) instanceof Intake.Accepted(Submission submission)
        ? JobId.parse(submission.getJobId())
        : Optional.empty();
  }

  private static Instant at(ConsumerRecord<byte[], byte[]> record) {
    return Instant.ofEpochMilli(record.timestamp());
  }

  Intake read(ConsumerRecord<byte[], byte[]> record, Policy policy) {
    String tenant = Topics.tenantOfIntake(record.topic());
    JobRequest request;
    try {
      request = requests.deserializer().deserialize(record.topic(), record.value());
    } catch (SerializationException e) {
      return refused(tenant, ErrorCode.DECODE_ERROR, "the record is not a JobRequest");
    }
    if (request == null) {
      return refused(tenant, ErrorCode.DECODE_ERROR, "the record has no value");
    }
    if (request.getTenant() != null && !request.getTenant().equals(tenant)) {
      return new Intake.Refused(
          tenant,
          ErrorCode.TENANT_MISMATCH,
          "the topic belongs to another tenant than the record names",
          Optional.of(request.getTenant()));
    }
    byte[] job = bytes(request.getJob());
    if (job.length > config.limits().bodyBytes()) {
      return refused(tenant, ErrorCode.TOO_LARGE, "the job is larger than a body may be");
    }
    try {
      Submitted asked = JobForm.read(job, at(record));
      Optional<String> missing = notServed(asked);
      if (missing.isPresent()) {
        return refused(tenant, ErrorCode.SCHEMA_VIOLATION, missing.get());
      }
      return policy.model(asked.model()).isEmpty()
          ? refused(tenant, ErrorCode.MODEL_NOT_FOUND, "there is no model of this name")
          : new Intake.Accepted(submission(record, policy.shards(tenant), job, asked));
    } catch (RefusedException e) {
      var refusal = e.refusal();
      String where = refusal.pointer().isEmpty() ? "" : refusal.pointer() + ": ";
      return refused(tenant, refusal.code(), where + refusal.message());
    }
  }

  /// What only works over HTTP is refused, never dropped.
  private static Optional<String> notServed(Submitted asked) {
    if (asked.callback().isPresent()) {
      return Optional.of("/callback_url: is only for HTTP; read the tenant's results topic");
    }
    if (asked.cache().isPresent()) {
      return Optional.of("/cache: is only for HTTP; leave it out");
    }
    boolean continues =
        asked.endpoint().equals(Endpoints.RESPONSES)
            && !ResponseRequest.of(asked.body()).previous().isEmpty();
    return continues
        ? Optional.of("/previous_response_id: is only for HTTP; send the whole conversation")
        : Optional.empty();
  }

  private static Intake refused(String tenant, ErrorCode code, String message) {
    return new Intake.Refused(tenant, code, message, Optional.empty());
  }

  private Submission submission(
      ConsumerRecord<byte[], byte[]> record, int shards, byte[] job, Submitted asked) {
    ByteBuffer fingerprint =
        asked.idempotencyKey().isPresent()
            ? Fingerprint.of(PATH, job)
            : IntakeId.place(record.topic(), record.partition(), record.offset());
    JobId id = id(record, ShardRule.decide(asked.idempotencyKey(), () -> fingerprint, shards));
    Submission submission = new Submission();
    submission.setJobId(id.text());
    submission.setTenant(Topics.tenantOfIntake(record.topic()));
    submission.setKeyId(KEY_ID);
    submission.setPriority(
        PriorityClass.valueOf(
            PriorityRule.decide(asked.priority(), asked.serviceTier(), false).name()));
    submission.setEndpoint(asked.endpoint());
    submission.setModel(asked.model());
    submission.setBody(ByteBuffer.wrap(asked.body()));
    submission.setStream(asked.stream());
    submission.setIncludeUsage(asked.includeUsage());
    submission.setAttached(false);
    submission.setCreatedAt(at(record));
    submission.setDeadline(asked.deadline().orElse(at(record).plus(config.timing().job())));
    submission.setReplyPartition(id.replyPartition());
    submission.setEstimatedInputTokens(asked.estimatedInputTokens());
    submission.setChoices(asked.choices());
    submission.setMaxOutputTokens(
        asked.maxOutputTokens().isPresent() ? asked.maxOutputTokens().getAsLong() : null);
    submission.setTags(asked.tags());
    submission.setSession(asked.session().orElse(null));
    submission.setGroup(asked.group().orElse(null));
    submission.setRequestHeaders(Map.of());
    submission.setIdempotencyKey(asked.idempotencyKey().orElse(null));
    submission.setFingerprint(fingerprint);
    return submission;
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
