package dev.sluice.deploy.metering;

import dev.sluice.contract.avro.Settlement;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Topics;
import dev.sluice.runtime.kafka.KafkaClients;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/// Writes settlements as a router does.
final class LedgerWriter implements AutoCloseable {
  private final RecordSerdes serdes;
  private final KafkaProducer<byte[], byte[]> producer;

  LedgerWriter(KafkaClients clients, RecordSerdes serdes) {
    this.serdes = serdes;
    this.producer = clients.producer("test-router");
  }

  void write(List<Settlement> settlements) {
    for (Settlement settlement : settlements) {
      byte[] key = settlement.getContext().getTenant().getBytes(StandardCharsets.UTF_8);
      byte[] value =
          serdes
              .forRecord(Settlement.class)
              .serializer()
              .serialize(Topics.LEDGER.name(), settlement);
      producer.send(new ProducerRecord<>(Topics.LEDGER.name(), key, value));
    }
    producer.flush();
  }

  void writeGarbage() {
    producer.send(new ProducerRecord<>(Topics.LEDGER.name(), new byte[] {1, 2, 3}));
    producer.flush();
  }

  @Override
  public void close() {
    producer.close();
  }
}
