package dev.sluice.router.topology;

import dev.sluice.contract.topic.Headers;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/// Sends outputs through the topology's sink. What is said of the job that the current input is
/// about goes on with that input's trace. Dated outputs say when that input was logged: this
/// process may be stopped at any point, and who reads them must see how old the decision is.
final class ForwardingSender {
  private final ProcessorContext<byte[], Output> context;
  private String tracedJob = "";
  private List<Header> trace = List.of();
  private long inputAt;

  ForwardingSender(ProcessorContext<byte[], Output> context) {
    this.context = context;
  }

  /// No input is handled from now on: what is sent comes of time itself, and has no date.
  void noInput() {
    input("", List.of(), 0);
  }

  /// The input handled from now on.
  ///
  /// @param at when the broker took it, milliseconds of the epoch
  void input(String jobId, Iterable<Header> headers, long at) {
    tracedJob = jobId;
    inputAt = at;
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
    if (output.dated()) {
      headers.add(Headers.CAUSED_AT, Outbox.utf8(Long.toString(inputAt)));
    }
    if (output.patient()) {
      headers.add(WriteAheadProducer.PATIENT);
    }
    context.forward(new Record<>(Outbox.utf8(key), output, context.currentSystemTimeMs(), headers));
  }
}
