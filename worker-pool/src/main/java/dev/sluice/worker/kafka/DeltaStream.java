package dev.sluice.worker.kafka;

import dev.sluice.contract.avro.EventKind;
import dev.sluice.contract.avro.JobEvent;
import dev.sluice.runtime.telemetry.LogKeys;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The deltas of one claim, in order. At most one record is under way: what comes meanwhile leaves
/// together in the next, so a fast stream batches itself, the first token never waits, and the
/// order holds although two producers carry it. What an absent broker did not take is written again
/// until it does: without it a stream would look whole that is not. Readers know a part by its
/// claim and number, and drop one that comes twice.
///
/// The reader of the provider's stream adds; acknowledgements come on a producer's thread, which
/// never sends.
final class DeltaStream {
  private static final Logger LOG = LoggerFactory.getLogger(DeltaStream.class);
  private static final int MAX_RECORD_BYTES = 256 * 1024;
  private static final int MAX_PENDING_BYTES = 2 * 1024 * 1024;
  private static final Duration RETRY_PAUSE = Duration.ofMillis(500);

  private final ClaimedWork claimed;
  private final Log log;
  private final Executor executor;
  private final Clock clock;
  private final WorkerMeters meters;
  private List<ByteBuffer> pending = new ArrayList<>();
  private int pendingBytes;
  private int sent;
  private @Nullable JobEvent underWay;
  private boolean finishing;
  private boolean broken;

  /// Where events are written to.
  interface Log {
    /// @param atOnce whether someone waits for just this one
    void write(JobEvent event, boolean atOnce, Callback callback);
  }

  DeltaStream(ClaimedWork claimed, Log log, Executor executor, Clock clock, WorkerMeters meters) {
    this.claimed = claimed;
    this.log = log;
    this.executor = executor;
    this.clock = clock;
    this.meters = meters;
  }

  /// Adds one part. Blocks while far too much waits for the broker.
  synchronized void add(byte[] part) throws InterruptedException {
    while (pendingBytes > MAX_PENDING_BYTES && !broken) {
      wait();
    }
    if (broken) {
      return;
    }
    pending.add(ByteBuffer.wrap(part));
    pendingBytes += part.length;
    if (underWay == null) {
      send();
    }
  }

  /// Sends the rest and waits until the log has all of it.
  synchronized void finish() throws InterruptedException {
    finishing = true;
    while ((underWay != null || !pending.isEmpty()) && !broken) {
      wait();
    }
  }

  /// Whether anything has been shown to the caller.
  synchronized boolean streamed() {
    return sent > 0;
  }

  private synchronized void sendNext() {
    if (!pending.isEmpty() && underWay == null && !broken) {
      send();
    }
  }

  private synchronized void sendAgain() {
    if (underWay != null) {
      write(underWay, true);
    }
  }

  private void send() {
    List<ByteBuffer> parts = takeParts();
    boolean atOnce = sent == 0 || finishing;
    JobEvent event =
        JobEvent.newBuilder()
            .setJobId(claimed.jobId())
            .setTenant(claimed.work().getContext().getTenant())
            .setKind(EventKind.DELTA)
            .setAt(clock.instant())
            .setAttempt(claimed.work().getAttempt())
            .setClaimId(claimed.claimId())
            .setSequence(sent)
            .setDeltas(parts)
            .build();
    sent += parts.size();
    underWay = event;
    write(event, atOnce);
  }

  private void write(JobEvent event, boolean atOnce) {
    try {
      log.write(event, atOnce, (_, failure) -> acknowledged(failure));
    } catch (KafkaException | IllegalStateException e) {
      acknowledged(e);
    }
  }

  private List<ByteBuffer> takeParts() {
    int count = 0;
    int bytes = 0;
    while (count < pending.size()
        && (count == 0 || bytes + pending.get(count).remaining() <= MAX_RECORD_BYTES)) {
      bytes += pending.get(count).remaining();
      count++;
    }
    List<ByteBuffer> parts = pending.subList(0, count);
    pending = new ArrayList<>(pending.subList(count, pending.size()));
    pendingBytes -= bytes;
    return parts;
  }

  private synchronized void acknowledged(@Nullable Exception failure) {
    if (failure instanceof RetriableException) {
      meters.publishFailed("delta");
      CompletableFuture.delayedExecutor(RETRY_PAUSE.toMillis(), TimeUnit.MILLISECONDS, executor)
          .execute(this::sendAgain);
      return;
    }
    underWay = null;
    if (failure != null) {
      // A gap must not be hidden by what would follow it; the whole answer still comes.
      broken = true;
      meters.publishFailed("delta");
      LOG.atWarn()
          .addKeyValue(LogKeys.JOB_ID, claimed.jobId())
          .setCause(failure)
          .log("delta not written, the stream of this attempt ends here");
    }
    if (!pending.isEmpty() && !broken) {
      executor.execute(this::sendNext);
    }
    notifyAll();
  }
}
