package dev.sluice.router.topology;

import dev.sluice.contract.topic.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/// Sends outputs through the topology's sink.
final class ForwardingSender {
  private final ProcessorContext<byte[], Output> context;

  ForwardingSender(ProcessorContext<byte[], Output> context) {
    this.context = context;
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
    context.forward(new Record<>(Outbox.utf8(key), output, context.currentSystemTimeMs(), headers));
  }
}
