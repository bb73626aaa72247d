package dev.sluice.ingress.batch;

import dev.sluice.contract.avro.Cancel;
import dev.sluice.contract.avro.Command;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.topic.Headers;
import dev.sluice.contract.topic.ReadAtOnce;
import dev.sluice.contract.topic.ShardPartition;
import dev.sluice.contract.topic.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;

/// Sends cancels of lines, outside of any transaction: the commands are the router's most urgent
/// input and must not wait for one. A lost one is sent again.
final class LineCancels implements AutoCloseable {
  private static final String TOPIC = Topics.COMMANDS.name();

  private final KafkaProducer<byte[], byte[]> producer;
  private final Serde<Command> serde;

  LineCancels(KafkaProducer<byte[], byte[]> producer, Serde<Command> serde) {
    this.producer = producer;
    this.serde = serde;
  }

  void cancel(JobId id, @Nullable BatchRecord batch) {
    if (batch == null) {
      return;
    }
    Command command = new Command();
    command.setJobId(id.text());
    command.setTenant(batch.tenant());
    command.setCancel(new Cancel("caller"));
    byte[] tenant = batch.tenant().getBytes(StandardCharsets.UTF_8);
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            TOPIC,
            ShardPartition.of(TOPIC, batch.tenant(), id.text(), producer),
            tenant,
            serde.serializer().serialize(TOPIC, command));
    record.headers().add(Headers.JOB, id.text().getBytes(StandardCharsets.US_ASCII));
    record.headers().add(Headers.TENANT, tenant);
    var _ = producer.send(ReadAtOnce.of(record));
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(1));
  }
}
