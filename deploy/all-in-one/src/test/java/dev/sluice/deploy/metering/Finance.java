package dev.sluice.deploy.metering;

import dev.sluice.contract.avro.CostBucket;
import dev.sluice.contract.avro.CostKind;
import dev.sluice.contract.avro.CostRow;
import dev.sluice.contract.avro.Settlement;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Topic;
import dev.sluice.runtime.kafka.KafkaClients;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/// What finance sees and what it should see: the cost topics read from outside with
/// `read_committed`, and sums made from the settlements by plain loops.
final class Finance implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(50);

  private final RecordSerdes serdes;
  private final KafkaConsumer<byte[], byte[]> reader;
  private final Topic topic;

  /// @param topic read from its start, one partition
  Finance(KafkaClients clients, RecordSerdes serdes, Topic topic) {
    this.serdes = serdes;
    this.topic = topic;
    this.reader =
        clients.reader("finance-" + topic.name(), Map.of("isolation.level", "read_committed"));
    var partition = new TopicPartition(topic.name(), 0);
    reader.assign(List.of(partition));
    reader.seekToBeginning(List.of(partition));
  }

  /// What has become readable since the last call.
  List<CostRow> rows() {
    List<CostRow> rows = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : reader.poll(POLL)) {
      rows.add(decoded(record, CostRow.class));
    }
    return rows;
  }

  /// The last total of each key that has become readable since the last call.
  Map<String, CostBucket> totals() {
    Map<String, CostBucket> totals = new TreeMap<>();
    for (ConsumerRecord<byte[], byte[]> record : reader.poll(POLL)) {
      totals.put(
          new String(record.key(), StandardCharsets.UTF_8), decoded(record, CostBucket.class));
    }
    return totals;
  }

  private <T extends SpecificRecord> T decoded(
      ConsumerRecord<byte[], byte[]> record, Class<T> type) {
    return serdes.forRecord(type).deserializer().deserialize(topic.name(), record.value());
  }

  /// Money and counts that must come out, whatever was repeated.
  record Sums(BigDecimal owed, BigDecimal charged, long attempts, long charges, long unpriced) {

    static Sums ofSettlements(Iterable<Settlement> distinct) {
      BigDecimal owed = BigDecimal.ZERO;
      BigDecimal charged = BigDecimal.ZERO;
      long attempts = 0;
      long charges = 0;
      long unpriced = 0;
      for (Settlement settlement : distinct) {
        int lines = settlement.getDelivered() ? 2 : 1;
        attempts++;
        charges += lines - 1;
        if (settlement.getUnpriced()) {
          unpriced += lines;
          continue;
        }
        owed = owed.add(settlement.getOwed());
        if (settlement.getDelivered()) {
          charged = charged.add(settlement.getCharged());
        }
      }
      return new Sums(owed, charged, attempts, charges, unpriced);
    }

    static Sums ofRows(Iterable<CostRow> rows) {
      BigDecimal owed = BigDecimal.ZERO;
      BigDecimal charged = BigDecimal.ZERO;
      Map<CostKind, Long> kinds = new HashMap<>();
      long unpriced = 0;
      for (CostRow row : rows) {
        kinds.merge(row.getKind(), 1L, Long::sum);
        if (row.getUnpriced()) {
          unpriced++;
          continue;
        }
        owed = owed.add(row.getOwed());
        charged = charged.add(row.getCharged());
      }
      return new Sums(
          owed,
          charged,
          kinds.getOrDefault(CostKind.attempt, 0L),
          kinds.getOrDefault(CostKind.charge, 0L),
          unpriced);
    }

    static Sums ofTotals(Iterable<CostBucket> totals) {
      Sums sums = new Sums(BigDecimal.ZERO, BigDecimal.ZERO, 0, 0, 0);
      for (CostBucket total : totals) {
        sums =
            new Sums(
                sums.owed.add(total.getOwed()),
                sums.charged.add(total.getCharged()),
                sums.attempts + total.getAttempts(),
                sums.charges + total.getJobs(),
                sums.unpriced + total.getUnpriced());
      }
      return sums;
    }
  }

  @Override
  public void close() {
    reader.close();
  }
}
