package dev.sluice.router.topology;

import dev.sluice.contract.topic.Headers;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/// Sends outputs through the topology's sink. What is said of the job that the current input is
/// about goes on with that input's trace.
final class ForwardingSender {
  private final ProcessorContext<byte[], Output> context;
  private String tracedJob = "";
  private List<Header> trace = List.of();

  ForwardingSender(ProcessorContext<byte[], Output> context) {
    this.context = context;
  }

  /// The input handled from now on.
  void input(String jobId, Iterable<Header> headers) {
    tracedJob = jobId;
    List<Header> found = new ArrayList<>(2);
    for (Header header : headers) {
      if (header.key().equals(Headers.TRACEPARENT) || header.key().equals(Headers.TRACESTATE)) {
        found.add(header);
      }
    }
    trace = found;
  }

  /// @param key record key
  /// @param jobId job the output is about; empty when none
  /// @param tenant its tenant; empty when none
  void send(String key, Output output, String jobId, String tenant) {
    RecordHeaders headers = new RecordHeaders();
    if (!jobId.isEmpty()) {
      headers.add(Headers.JOB, Outbox.utf8(jobId));
    }
    if (!tenant.isEmpty()) {
      headers.add(Headers.TENANT, Outbox.utf8(tenant));
    }
    if (jobId.equals(tracedJob)) {
      trace.forEach(headers::add);
    }
    if (output.patient()) {
      headers.add(WriteAheadProducer.PATIENT);
    }
    context.forward(new Record<>(Outbox.utf8(key), output, context.currentSystemTimeMs(), headers));
  }
}
