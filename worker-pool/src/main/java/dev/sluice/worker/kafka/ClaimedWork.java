package dev.sluice.worker.kafka;

import dev.sluice.contract.avro.Work;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.topic.Headers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/// One piece of work under one claim.
///
/// @param claimId random identity of the claim
/// @param appendedAt when the broker took the work record
/// @param causedAt when it took the input that the release answers: a router that was frozen may
///   have sent the work much later, when another one had released it again
/// @param trace the trace headers of the work, copied to all that comes of it
public record ClaimedWork(
    Work work,
    Priority priority,
    long claimId,
    Instant appendedAt,
    Instant causedAt,
    List<Header> trace) {

  static ClaimedWork of(
      ConsumerRecord<byte[], byte[]> delivered, Work work, Priority priority, long claimId) {
    List<Header> trace = new java.util.ArrayList<>(2);
    for (Header header : delivered.headers()) {
      if (header.key().equals(Headers.TRACEPARENT) || header.key().equals(Headers.TRACESTATE)) {
        trace.add(header);
      }
    }
    return new ClaimedWork(
        work,
        priority,
        claimId,
        Instant.ofEpochMilli(delivered.timestamp()),
        causedAt(delivered),
        List.copyOf(trace));
  }

  private static Instant causedAt(ConsumerRecord<byte[], byte[]> delivered) {
    long appended = delivered.timestamp();
    Header caused = delivered.headers().lastHeader(Headers.CAUSED_AT);
    return Instant.ofEpochMilli(
        caused == null ? appended : Math.min(appended, millis(caused, appended)));
  }

  private static long millis(Header header, long otherwise) {
    try {
      return Long.parseLong(new String(header.value(), StandardCharsets.UTF_8));
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }

  public String jobId() {
    return work.getJobId();
  }

  public String pool() {
    return work.getContext().getPool();
  }
}
