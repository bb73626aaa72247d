package dev.sluice.ledgercheck.costs;

import dev.sluice.ledgercheck.core.CostEntry;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/// Reads `sluice.costs` from its beginning to its end, as finance would: read committed, Avro with
/// the writer's schema from the registry.
public final class CostTopic {
  private static final String TOPIC = "sluice.costs";
  private static final int PICO_DIGITS = 12;
  private static final Duration LONGEST_READ = Duration.ofSeconds(30);

  private final String kafka;
  private final RegistrySchemas schemas;

  public CostTopic(String kafka, URI registry) {
    this.kafka = kafka;
    this.schemas = new RegistrySchemas(registry);
  }

  /// All committed rows up to where the topic ended when the reading began.
  public List<CostEntry> readAll() throws IOException, InterruptedException {
    Properties settings = new Properties();
    settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    List<CostEntry> rows = new ArrayList<>();
    try (Consumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(TOPIC).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      Instant deadline = Instant.now().plus(LONGEST_READ);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
        if (Instant.now().isAfter(deadline)) {
          throw new IOException(
              "%s could not be read to its end in %s".formatted(TOPIC, LONGEST_READ));
        }
        for (ConsumerRecord<byte[], byte[]> each : consumer.poll(Duration.ofMillis(200))) {
          rows.add(row(each.value()));
        }
      }
    }
    return rows;
  }

  private CostEntry row(byte[] value) throws IOException, InterruptedException {
    ByteBuffer framed = ByteBuffer.wrap(value);
    if (framed.get() != 0) {
      throw new IOException("a cost row is not in the registry's wire format");
    }
    Schema schema = schemas.byId(framed.getInt());
    GenericRecord row =
        new GenericDatumReader<GenericRecord>(schema)
            .read(
                null,
                DecoderFactory.get()
                    .binaryDecoder(value, framed.position(), framed.remaining(), null));
    Map<String, String> tags = strings(row.get("tags"));
    return new CostEntry(
        text(row, "entry_id"),
        text(row, "kind"),
        text(row, "job_id"),
        (Integer) row.get("attempt"),
        text(row, "tenant"),
        tags.getOrDefault("marker", ""),
        text(row, "provider_model"),
        counts(row.get("tokens")),
        pico(row, "charged"),
        pico(row, "owed"),
        (Boolean) row.get("unpriced"),
        text(row, "usage_source"),
        Instant.ofEpochMilli((Long) row.get("at")));
  }

  private static String text(GenericRecord row, String field) {
    return String.valueOf(row.get(field));
  }

  private static Map<String, String> strings(Object map) {
    Map<String, String> strings = new HashMap<>();
    ((Map<?, ?>) map).forEach((key, value) -> strings.put(key.toString(), value.toString()));
    return strings;
  }

  private static Map<String, Long> counts(Object map) {
    Map<String, Long> counts = new HashMap<>();
    ((Map<?, ?>) map).forEach((key, value) -> counts.put(key.toString(), (Long) value));
    return counts;
  }

  /// Whole pico-USD: fails on a row that is finer than that.
  private static Optional<Long> pico(GenericRecord row, String field) {
    if (!(row.get(field) instanceof ByteBuffer bytes)) {
      return Optional.empty();
    }
    byte[] unscaled = new byte[bytes.remaining()];
    bytes.duplicate().get(unscaled);
    BigDecimal usd = new BigDecimal(new BigInteger(unscaled), scale(row.getSchema(), field));
    return Optional.of(usd.movePointRight(PICO_DIGITS).longValueExact());
  }

  private static int scale(Schema row, String field) {
    for (Schema branch : row.getField(field).schema().getTypes()) {
      if (branch.getLogicalType() instanceof LogicalTypes.Decimal decimal) {
        return decimal.getScale();
      }
    }
    throw new IllegalStateException(field + " is not a decimal in the registered schema");
  }
}
