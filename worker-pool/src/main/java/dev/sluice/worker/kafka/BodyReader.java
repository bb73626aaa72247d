package dev.sluice.worker.kafka;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sluice.contract.avro.RecordPosition;
import dev.sluice.contract.avro.Submission;
import dev.sluice.runtime.kafka.KafkaClients;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/// Reads request bodies from the log, where the router did not have them in hand. Neighbours in the
/// log are wanted at about the same time, so a fetch keeps all it brought, bounded in bytes.
///
/// One thread owns the consumer; `read` may be called by many.
public final class BodyReader implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration LONGEST_READ = Duration.ofSeconds(30);
  private static final long CACHE_BYTES = 16L * 1024 * 1024;
  private static final int FETCH_BYTES = 1024 * 1024;

  private final KafkaClients kafka;
  private final WorkerSerdes serdes;
  private final LinkedBlockingQueue<Request> requests = new LinkedBlockingQueue<>();
  private final Cache<Position, byte[]> values =
      Caffeine.newBuilder()
          .maximumWeight(CACHE_BYTES)
          .weigher((Position _, byte[] value) -> value.length + 64)
          .executor(Runnable::run)
          .build();
  private volatile boolean closed;
  private @Nullable Thread thread;

  private record Position(TopicPartition partition, long offset) {}

  private record Request(Position position, CompletableFuture<byte[]> value) {}

  public BodyReader(KafkaClients kafka, WorkerSerdes serdes) {
    this.kafka = kafka;
    this.serdes = serdes;
  }

  /// The submission at a position; blocks until it is there.
  ///
  /// @throws BodyUnavailableException when it is gone or cannot be read in time
  Submission read(RecordPosition source) throws InterruptedException, BodyUnavailableException {
    Position position =
        new Position(
            new TopicPartition(source.getTopic(), source.getPartition()), source.getOffset());
    byte[] cached = values.getIfPresent(position);
    byte[] value = cached != null ? cached : fetch(position);
    try {
      return Objects.requireNonNull(
          serdes.submission().deserializer().deserialize(source.getTopic(), value));
    } catch (SerializationException e) {
      throw new BodyUnavailableException("the submission in the log cannot be decoded", e);
    }
  }

  private byte[] fetch(Position position) throws InterruptedException, BodyUnavailableException {
    begin();
    Request request = new Request(position, new CompletableFuture<>());
    requests.add(request);
    try {
      return request.value.get(LONGEST_READ.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new BodyUnavailableException("the submission could not be read: " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new BodyUnavailableException("the submission could not be read in time", e);
    }
  }

  private synchronized void begin() {
    if (thread == null && !closed) {
      thread = Thread.ofPlatform().name("sluice-worker-bodies").daemon().start(this::run);
    }
  }

  private void run() {
    while (!closed) {
      try (var consumer =
          kafka.reader("sluice-worker-bodies", Map.of("fetch.max.bytes", FETCH_BYTES))) {
        while (!closed) {
          serve(consumer, take());
        }
      } catch (KafkaException e) {
        requests.forEach(request -> request.value.completeExceptionally(e));
        requests.clear();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /// All requests at hand, in log order, so that one fetch serves neighbours.
  private List<Request> take() throws InterruptedException {
    List<Request> batch = new ArrayList<>();
    batch.add(requests.take());
    requests.drainTo(batch);
    batch.sort(
        Comparator.comparing((Request request) -> request.position.partition.toString())
            .thenComparingLong(request -> request.position.offset));
    return batch;
  }

  private void serve(KafkaConsumer<byte[], byte[]> consumer, List<Request> batch) {
    try {
      for (Request request : batch) {
        byte[] cached = values.getIfPresent(request.position);
        if (cached != null) {
          request.value.complete(cached);
        } else {
          serve(consumer, request);
        }
      }
    } catch (KafkaException e) {
      batch.forEach(request -> request.value.completeExceptionally(e));
      throw e;
    }
  }

  private void serve(KafkaConsumer<byte[], byte[]> consumer, Request request) {
    TopicPartition partition = request.position.partition;
    consumer.assign(List.of(partition));
    consumer.seek(partition, request.position.offset);
    long giveUp = System.nanoTime() + LONGEST_READ.toNanos();
    while (!closed && !request.value.isDone() && System.nanoTime() - giveUp < 0) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL).records(partition)) {
        keep(record, request);
      }
    }
  }

  private void keep(ConsumerRecord<byte[], byte[]> record, Request request) {
    if (record.value() != null) {
      values.put(new Position(request.position.partition, record.offset()), record.value());
    }
    if (record.offset() == request.position.offset && record.value() != null) {
      request.value.complete(record.value());
    } else if (record.offset() >= request.position.offset) {
      request.value.completeExceptionally(
          new BodyUnavailableException("the submission is no longer in the log"));
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (thread != null) {
      thread.interrupt();
    }
  }
}
