package dev.sluice.ingress.batch;

import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.topic.Topics;
import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.runtime.telemetry.LogKeys;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntPredicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads the results of the reply partitions that running batches use, from where the one that is
/// furthest behind wants them. Owned by the runner's thread.
final class ResultsReader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ResultsReader.class);
  private static final String TOPIC = Topics.RESULTS.name();

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Serde<JobResult> serde;
  private final Map<Integer, Long> next = new HashMap<>();

  /// Takes a result.
  interface Taker {
    void take(JobId id, JobResult result);
  }

  ResultsReader(KafkaClients kafka, String clientId, Serde<JobResult> serde) {
    this.consumer = kafka.reader(clientId, Map.of());
    this.serde = serde;
  }

  /// Where a partition ends now: the results of jobs that are not submitted yet come later.
  long end(int partition) {
    TopicPartition asked = new TopicPartition(TOPIC, partition);
    return Objects.requireNonNull(consumer.endOffsets(List.of(asked)).get(asked));
  }

  /// Results from this offset on will be read, some perhaps again.
  void require(int partition, long from) {
    Long reached = next.get(partition);
    if (reached != null && reached <= from) {
      return;
    }
    next.put(partition, from);
    assign();
  }

  /// Reads no partition but these.
  void retain(Set<Integer> partitions) {
    if (next.keySet().retainAll(partitions)) {
      assign();
    }
  }

  private void assign() {
    List<TopicPartition> all =
        next.keySet().stream().map(partition -> new TopicPartition(TOPIC, partition)).toList();
    consumer.assign(all);
    all.forEach(one -> consumer.seek(one, reached(one.partition())));
  }

  /// Next record to read: all before it were taken.
  long reached(int partition) {
    return Objects.requireNonNull(next.get(partition));
  }

  /// @param wanted whether a seed is one of a running batch; only its results are decoded
  void poll(Duration wait, IntPredicate wanted, Taker taker) {
    if (next.isEmpty()) {
      return;
    }
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(wait)) {
      take(record, wanted, taker);
    }
    next.replaceAll((partition, _) -> consumer.position(new TopicPartition(TOPIC, partition)));
  }

  private void take(ConsumerRecord<byte[], byte[]> record, IntPredicate wanted, Taker taker) {
    if (record.key() == null) {
      return;
    }
    var id = JobId.parse(new String(record.key(), StandardCharsets.US_ASCII));
    if (id.isEmpty() || !wanted.test(dev.sluice.ingress.core.batch.LineIds.seedOf(id.get()))) {
      return;
    }
    try {
      JobResult result = serde.deserializer().deserialize(TOPIC, record.value());
      taker.take(id.get(), result);
    } catch (SerializationException e) {
      LOG.atError()
          .addKeyValue(LogKeys.TOPIC, record.topic())
          .addKeyValue(LogKeys.OFFSET, record.offset())
          .setCause(e)
          .log("a result cannot be read");
    }
  }

  @Override
  public void close() {
    consumer.close(org.apache.kafka.clients.consumer.CloseOptions.timeout(Duration.ofSeconds(1)));
  }
}
