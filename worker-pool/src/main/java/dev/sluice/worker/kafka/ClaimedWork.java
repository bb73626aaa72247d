package dev.sluice.worker.kafka;

import dev.sluice.contract.avro.Work;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.topic.Headers;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/// One piece of work under one claim.
///
/// @param claimId random identity of the claim
/// @param appendedAt when the broker took the work record
/// @param trace the trace headers of the work, copied to all that comes of it
public record ClaimedWork(
    Work work, Priority priority, long claimId, Instant appendedAt, List<Header> trace) {

  static ClaimedWork of(
      ConsumerRecord<byte[], byte[]> delivered, Work work, Priority priority, long claimId) {
    List<Header> trace = new java.util.ArrayList<>(2);
    for (Header header : delivered.headers()) {
      if (header.key().equals(Headers.TRACEPARENT) || header.key().equals(Headers.TRACESTATE)) {
        trace.add(header);
      }
    }
    return new ClaimedWork(
        work, priority, claimId, Instant.ofEpochMilli(delivered.timestamp()), List.copyOf(trace));
  }

  public String jobId() {
    return work.getJobId();
  }

  public String pool() {
    return work.getContext().getPool();
  }
}
