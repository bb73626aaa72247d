package dev.sluice.ingress.batch;

import dev.sluice.contract.avro.BatchRequest;
import dev.sluice.contract.avro.PriorityClass;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.core.Submitted;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/// A line of a batch as a job.
final class LineSubmission {
  private static final String TAG = "batch";

  private LineSubmission() {}

  static Submission of(BatchRecord batch, Submitted asked, JobId id, Instant now) {
    BatchRequest request = batch.request();
    Map<String, String> tags = new HashMap<>(request.getMetadata());
    tags.putAll(asked.tags());
    tags.put(TAG, batch.id());
    OptionalLong limit = asked.maxOutputTokens();
    Submission submission = new Submission();
    submission.setJobId(id.text());
    submission.setTenant(batch.tenant());
    submission.setKeyId(request.getKeyId());
    submission.setPriority(PriorityClass.BATCH);
    submission.setEndpoint(asked.endpoint());
    submission.setModel(asked.model());
    submission.setBody(ByteBuffer.wrap(asked.body()));
    submission.setCreatedAt(now);
    submission.setDeadline(request.getExpiresAt());
    submission.setReplyPartition(id.replyPartition());
    submission.setEstimatedInputTokens(asked.estimatedInputTokens());
    submission.setMaxOutputTokens(limit.isPresent() ? limit.getAsLong() : null);
    submission.setTags(tags);
    submission.setRequestHeaders(request.getRequestHeaders());
    return submission;
  }
}
