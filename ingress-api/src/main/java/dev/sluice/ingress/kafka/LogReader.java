package dev.sluice.ingress.kafka;

import dev.sluice.ingress.log.LogUnavailableException;
import dev.sluice.runtime.kafka.KafkaClients;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/// Reads single records back from the log, by offset: bodies are kept nowhere else. A few consumers
/// are shared; who finds none free waits for one. Safe for use by many virtual threads.
final class LogReader implements AutoCloseable {
  private static final int CONSUMERS = 2;
  private static final int FETCH_BYTES = 256 * 1024;
  private static final Duration WAIT = Duration.ofSeconds(5);
  private static final Duration POLL = Duration.ofMillis(250);

  /// Reading on is cheaper than seeking when the next record is this near.
  private static final long NEAR_RECORDS = 500;

  private final ArrayBlockingQueue<KafkaConsumer<byte[], byte[]>> free =
      new ArrayBlockingQueue<>(CONSUMERS);

  LogReader(KafkaClients kafka, String clientId) {
    for (int i = 0; i < CONSUMERS; i++) {
      free.add(
          kafka.reader(
              clientId + "-" + i,
              Map.of(
                  ConsumerConfig.FETCH_MAX_BYTES_CONFIG,
                  FETCH_BYTES,
                  ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
                  FETCH_BYTES,
                  ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                  (int) WAIT.toMillis())));
    }
  }

  /// The records at the offsets that the log still has, in order.
  ///
  /// @param offsets ascending
  List<ConsumerRecord<byte[], byte[]>> read(TopicPartition partition, List<Long> offsets) {
    return with(consumer -> {
      consumer.assign(List.of(partition));
      return read(consumer, partition, offsets);
    });
  }

  private static List<ConsumerRecord<byte[], byte[]>> read(
      KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, List<Long> offsets) {
    List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
    long until = System.nanoTime() + WAIT.toNanos();
    int next = 0;
    long reached = -1;
    while (next < offsets.size()) {
      long wanted = offsets.get(next);
      if (reached < 0 || wanted - reached > NEAR_RECORDS) {
        consumer.seek(partition, wanted);
      }
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        while (next < offsets.size() && offsets.get(next) < record.offset()) {
          next++;
        }
        if (next < offsets.size() && offsets.get(next) == record.offset()) {
          found.add(record);
          next++;
        }
      }
      reached = consumer.position(partition);
      if (System.nanoTime() > until) {
        throw new LogUnavailableException("the log did not answer in time; try again");
      }
    }
    return found;
  }

  /// The offsets after the last records now.
  Map<TopicPartition, Long> ends(Collection<TopicPartition> partitions) {
    return with(consumer -> consumer.endOffsets(partitions, WAIT));
  }

  private <T> T with(Function<KafkaConsumer<byte[], byte[]>, T> work) {
    KafkaConsumer<byte[], byte[]> consumer;
    try {
      consumer = free.poll(WAIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LogUnavailableException("the ingress is stopping", e);
    }
    if (consumer == null) {
      throw new LogUnavailableException("too many reads of the log at once; try again");
    }
    try {
      return work.apply(consumer);
    } catch (KafkaException e) {
      throw new LogUnavailableException("the log was not reached; try again", e);
    } finally {
      free.add(consumer);
    }
  }

  @Override
  public void close() {
    for (int i = 0; i < CONSUMERS; i++) {
      KafkaConsumer<byte[], byte[]> consumer = free.poll();
      if (consumer != null) {
        consumer.close(
            org.apache.kafka.clients.consumer.CloseOptions.timeout(Duration.ofSeconds(1)));
      }
    }
  }
}
