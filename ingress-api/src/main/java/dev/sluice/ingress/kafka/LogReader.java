package dev.sluice.ingress.kafka;

import dev.sluice.ingress.kafka.ReadQueue.Read;
import dev.sluice.ingress.log.LogUnavailableException;
import dev.sluice.runtime.kafka.KafkaClients;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads single records back from the log, by offset: bodies are kept nowhere else but for a moment
/// in a cache. A few threads, each with a consumer, serve all: one pass over a partition serves
/// whatever waits for that partition, in the order of the log. Safe for use by many virtual
/// threads.
final class LogReader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LogReader.class);
  private static final int READERS = 2;
  private static final int MAX_WAITING = 20_000;
  private static final int MAX_OF_TENANT = 5_000;

  /// A reader that hears nothing from the broker for so long gives its reads up.
  private static final Duration SILENCE = Duration.ofSeconds(5);

  /// The longest that a read waits for its turn and its answer.
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private final ReadQueue queue = new ReadQueue(MAX_WAITING, MAX_OF_TENANT);
  private final KafkaClients kafka;
  private final RecordCache cache;
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopping;

  LogReader(KafkaClients kafka, String clientId, RecordCache cache) {
    this.kafka = kafka;
    this.cache = cache;
    for (int i = 0; i < READERS; i++) {
      String name = clientId + "-" + i;
      threads.add(
          Thread.ofPlatform().name("sluice-ingress-reader-" + i).daemon().start(() -> run(name)));
    }
  }

  /// The values at these offsets that the log still has, by offset.
  ///
  /// @param tenant for whom; tenants take turns
  /// @param offsets ascending
  /// @throws LogUnavailableException when too many reads wait, or the broker does not answer
  Map<Long, byte[]> read(String tenant, TopicPartition partition, List<Long> offsets) {
    Map<Long, byte[]> values = new HashMap<>();
    List<Long> missing = new ArrayList<>();
    for (long offset : offsets) {
      byte[] kept = cache.get(partition, offset);
      if (kept == null) {
        missing.add(offset);
      } else {
        values.put(offset, kept);
      }
    }
    if (!missing.isEmpty()) {
      values.putAll(await(new Read(tenant, partition, missing, new CompletableFuture<>())));
    }
    return values;
  }

  private Map<Long, byte[]> await(Read read) {
    if (stopping) {
      throw new LogUnavailableException("the ingress is stopping");
    }
    queue.add(read);
    try {
      return read.answer().get(LONGEST.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      read.answer().cancel(false);
      Thread.currentThread().interrupt();
      throw new LogUnavailableException("the ingress is stopping", e);
    } catch (TimeoutException e) {
      read.answer().cancel(false);
      throw new LogUnavailableException("too many reads of the log at once; try again", e);
    } catch (ExecutionException e) {
      throw new LogUnavailableException("the log was not reached; try again", e);
    }
  }

  /// Reads that wait for their turn.
  int waiting() {
    return queue.size();
  }

  private void run(String clientId) {
    try (KafkaConsumer<byte[], byte[]> consumer = kafka.reader(clientId, OffsetPass.settings())) {
      while (!stopping) {
        serve(consumer, queue.take());
      }
    } catch (InterruptedException e) {
      LOG.atDebug().log("log reader told to stop");
    }
  }

  private void serve(KafkaConsumer<byte[], byte[]> consumer, List<Read> batch) {
    OffsetPass pass = new OffsetPass(batch, cache);
    try {
      pass.run(consumer, SILENCE);
    } catch (RuntimeException e) {
      // What one reader does not get, the next would not either: all are told at once.
      batch.forEach(read -> read.answer().completeExceptionally(e));
      queue.takeAll().forEach(read -> read.answer().completeExceptionally(e));
      if (!stopping) {
        LOG.atWarn().addKeyValue("reason", e.getMessage()).log("records cannot be read back");
      }
    }
  }

  @Override
  public void close() {
    stopping = true;
    threads.forEach(Thread::interrupt);
    LogUnavailableException stop = new LogUnavailableException("the ingress is stopping");
    queue.takeAll().forEach(read -> read.answer().completeExceptionally(stop));
    try {
      for (Thread thread : threads) {
        thread.join(Duration.ofSeconds(2));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
