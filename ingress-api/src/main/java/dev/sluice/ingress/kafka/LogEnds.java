package dev.sluice.ingress.kafka;

import dev.sluice.ingress.log.LogUnavailableException;
import dev.sluice.runtime.kafka.KafkaClients;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/// Asks where partitions end now. All who ask while a request is under way share the next one, so
/// an answer is never older than its question and a crowd costs two requests. The first to ask
/// sends for all. Safe for use by many virtual threads.
public final class LogEnds implements AutoCloseable {
  private static final Duration WAIT = Duration.ofSeconds(5);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final ReentrantLock sending = new ReentrantLock();
  private Round next = new Round();
  private boolean closed;

  /// Those who share a request.
  private static final class Round {
    final Set<TopicPartition> partitions = new HashSet<>();
    final CompletableFuture<Map<TopicPartition, Long>> answer = new CompletableFuture<>();
  }

  public LogEnds(KafkaClients kafka, String clientId) {
    consumer =
        kafka.reader(
            clientId, Map.of(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) WAIT.toMillis()));
  }

  /// The offsets after the last records of at least these partitions.
  ///
  /// @throws LogUnavailableException when the broker does not answer in time
  public Map<TopicPartition, Long> of(Collection<TopicPartition> partitions) {
    Round round;
    boolean first;
    synchronized (this) {
      round = next;
      first = round.partitions.isEmpty();
      round.partitions.addAll(partitions);
    }
    if (first) {
      send(round);
    }
    try {
      return round.answer.get(2 * WAIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LogUnavailableException("the ingress is stopping", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new LogUnavailableException("the log was not reached; try again", e);
    }
  }

  private void send(Round round) {
    sending.lock();
    try {
      synchronized (this) {
        next = new Round();
      }
      if (closed) {
        throw new LogUnavailableException("the ingress is stopping");
      }
      round.answer.complete(consumer.endOffsets(round.partitions, WAIT));
    } catch (KafkaException | LogUnavailableException e) {
      round.answer.completeExceptionally(e);
    } finally {
      sending.unlock();
    }
  }

  @Override
  public void close() {
    sending.lock();
    try {
      closed = true;
      consumer.close(org.apache.kafka.clients.consumer.CloseOptions.timeout(Duration.ofSeconds(1)));
    } finally {
      sending.unlock();
    }
  }
}
