package dev.sluice.worker.kafka;

import dev.sluice.contract.model.Policy;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;

/// What every attempt of this worker needs of the process around it.
///
/// @param worker the worker's name, its process id
/// @param inboxPartition where this worker reads verdicts
/// @param heartbeat tells when the last beat was acknowledged
/// @param executor runs what an acknowledgement starts
public record AttemptShell(
    String worker,
    ResultPublisher publisher,
    CommandCodec codec,
    int inboxPartition,
    Attempts attempts,
    BodyReader bodies,
    BrokerClock brokerClock,
    Heartbeat heartbeat,
    Supplier<Policy> policy,
    WorkerMeters meters,
    Clock clock,
    Executor executor) {

  Duration sinceBeat() {
    return heartbeat.sinceAcknowledged();
  }

  /// Whether the router may have taken this worker for lost at some time since then.
  ///
  /// @param nanos of [System#nanoTime]
  boolean silentSince(long nanos) {
    return heartbeat.silentSince(nanos);
  }

  /// Writes a claim; a broker that cannot be reached fails the future, never the caller.
  ///
  /// @param ask which ask of this claim it is, from 0
  Future<RecordMetadata> claim(ClaimedWork claimed, boolean awaitsVerdict, int ask) {
    try {
      return publisher.claim(claimed, codec.claimOf(claimed, inboxPartition, awaitsVerdict, ask));
    } catch (KafkaException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  DeltaStream deltas(ClaimedWork claimed) {
    return new DeltaStream(
        claimed,
        (event, atOnce, callback) -> publisher.event(claimed, event, atOnce, callback),
        executor,
        clock,
        meters);
  }
}
