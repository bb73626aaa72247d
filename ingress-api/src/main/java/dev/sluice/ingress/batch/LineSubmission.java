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
    return Submission.newBuilder()
        .setJobId(id.text())
        .setTenant(batch.tenant())
        .setKeyId(request.getKeyId())
        .setPriority(PriorityClass.BATCH)
        .setEndpoint(asked.endpoint())
        .setModel(asked.model())
        .setBody(ByteBuffer.wrap(asked.body()))
        .setCreatedAt(now)
        .setDeadline(request.getExpiresAt())
        .setReplyPartition(id.replyPartition())
        .setEstimatedInputTokens(asked.estimatedInputTokens())
        .setMaxOutputTokens(limit.isPresent() ? limit.getAsLong() : null)
        .setChoices(asked.choices())
        .setTags(tags)
        .setRequestHeaders(request.getRequestHeaders())
        .build();
  }
}
