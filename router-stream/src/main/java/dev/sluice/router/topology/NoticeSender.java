package dev.sluice.router.topology;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.LogPosition;
import dev.sluice.router.core.Notice;
import dev.sluice.router.core.Repeats;
import dev.sluice.router.topology.Outbox.InHand;
import java.time.Instant;
import org.apache.kafka.streams.processor.api.Record;

/// Sends notices, each as the record that [Outbox] makes of it and under the key its readers
/// expect. Owned by the stream thread.
final class NoticeSender {
  private final Outbox outbox;
  private final ForwardingSender sender;

  NoticeSender(Outbox outbox, ForwardingSender sender) {
    this.outbox = outbox;
    this.sender = sender;
  }

  void send(Job job, Notice notice, InHand inHand, PriceBook prices, Instant now) {
    String jobId = job.id().text();
    Output output = outbox.write(job, notice, inHand, prices, now);
    sender.send(key(notice, jobId, job.tenant()), output, jobId, job.tenant());
  }

  /// Answers about a job that may be unknown.
  void answer(String jobId, String tenant, Notice notice, InHand inHand, PriceBook prices) {
    Output output = outbox.answer(jobId, notice, inHand, prices);
    sender.send(key(notice, jobId, tenant), output, jobId, tenant);
  }

  private static String key(Notice notice, String jobId, String tenant) {
    return switch (notice) {
      case Notice.Verdict verdict -> verdict.worker();
      case Notice.Settlement _, Notice.LostSettlement _, Notice.CacheCharge _ -> tenant;
      case Notice.Admitted _, Notice.State _, Notice.Work _, Notice.Result _ -> jobId;
    };
  }

  /// Says of a submission that it is a repeat, and of which job.
  void joined(Repeats.Joined joined, Instant now) {
    String by = joined.by().text();
    sender.send(by, outbox.joined(joined, now), by, joined.tenant());
  }

  void erased(String jobId, String tenant, int replyPartition, Instant now) {
    sender.send(jobId, outbox.erased(jobId, tenant, replyPartition, now), jobId, tenant);
  }

  /// Sets a record aside that cannot be used.
  void deadLetter(LogPosition position, ErrorCode code, String why, Record<byte[], byte[]> of) {
    sender.send(position.topic(), outbox.deadLetter(position, code, why, of), "", "");
  }
}
