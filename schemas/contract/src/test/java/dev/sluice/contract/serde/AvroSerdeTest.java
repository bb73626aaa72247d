package dev.sluice.contract.serde;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.avro.Beat;
import dev.sluice.contract.avro.BeatKind;
import dev.sluice.contract.avro.CostKind;
import dev.sluice.contract.avro.CostRow;
import dev.sluice.contract.avro.UsageSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.LongStream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AvroSerdeTest {
  private static final String TOPIC = "sluice.test";

  private final FakeSchemaRegistry registry = new FakeSchemaRegistry();
  private final AvroSerde<Beat> beats = new AvroSerde<>(Beat.class, registry);

  @Test
  void framesARecordAsConfluentDoes() {
    byte[] bytes = beats.serialize(TOPIC, beat());

    assertEquals(0, bytes[0]);
    assertEquals(1, ByteBuffer.wrap(bytes, 1, 4).getInt());
    assertEquals(List.of(TOPIC + "-value"), registry.subjects);
    assertEquals(beat(), beats.deserialize(TOPIC, bytes));
  }

  @Test
  void keepsMoneyAndInstantsExact() {
    var serde = new AvroSerde<>(CostRow.class, registry);
    CostRow row =
        CostRow.newBuilder()
            .setEntryId("job_1/1/7")
            .setKind(CostKind.attempt)
            .setJobId("job_1")
            .setAttempt(1)
            .setTenant("demo")
            .setModel("fast")
            .setPool("sim")
            .setTokens(Map.of("input", 12L, "output", 3L))
            .setOwed(new BigDecimal("0.000001234567"))
            .setUsageSource(UsageSource.UNKNOWN)
            .setAt(Instant.ofEpochMilli(1_790_000_000_123L))
            .build();

    CostRow read = serde.deserialize(TOPIC, serde.serialize(TOPIC, row));

    assertEquals(row, read);
  }

  @Test
  void registersItsSchemaOnceForEachTopic() {
    beats.prepare("a");
    beats.serialize("a", beat());
    beats.serialize("a", beat());
    beats.serialize("b", beat());

    assertEquals(List.of("a-value", "b-value"), registry.subjects);
  }

  @Test
  void passesTombstonesThrough() {
    assertNull(beats.serialize(TOPIC, null));
    assertNull(beats.deserialize(TOPIC, null));
  }

  @Test
  void readsWhatAFutureWriterWrote() throws IOException {
    Schema future =
        new Schema.Parser()
            .parse(
                """
                {"type": "record", "name": "Beat", "namespace": "dev.sluice.contract.avro", "fields": [
                  {"name": "region", "type": ["null", "string"], "default": null},
                  {"name": "process", "type": "string"},
                  {"name": "kind", "default": "UNKNOWN", "type": {"type": "enum", "name": "BeatKind",
                     "symbols": ["UNKNOWN", "WORKER", "ROUTER", "AUDITOR"], "default": "UNKNOWN"}},
                  {"name": "load", "type": {"type": "map", "values": "double"}, "default": {}}]}
                """);
    int id = registry.register("x", future);
    var record = new GenericData.Record(future);
    record.put("region", "eu");
    record.put("process", "worker-1");
    record.put("kind", new GenericData.EnumSymbol(future.getField("kind").schema(), "AUDITOR"));
    record.put("load", Map.of("cpu", 0.5));

    Beat read = beats.deserialize(TOPIC, framed(id, encoded(future, record)));

    assertEquals("worker-1", read.getProcess());
    assertEquals(BeatKind.UNKNOWN, read.getKind());
    assertEquals(List.of(), read.getPools());
  }

  @Test
  void refusesBytesUnderAnUnknownSchema() {
    byte[] bytes = beats.serialize(TOPIC, beat());
    ByteBuffer.wrap(bytes).putInt(1, 4711);

    var refused = assertThrows(SerializationException.class, () -> beats.deserialize(TOPIC, bytes));

    assertInstanceOf(SchemaRegistryException.class, refused.getCause());
  }

  @Test
  void doesNotCallARecordBadWhenTheRegistryIsDown() {
    var down =
        new SchemaRegistry() {
          @Override
          public int register(String subject, Schema schema) {
            return 1;
          }

          @Override
          public Schema byId(int id) {
            throw new SchemaRegistryException("cannot reach it", new IOException());
          }
        };
    var serde = new AvroSerde<>(Beat.class, down);
    byte[] bytes = serde.serialize(TOPIC, beat());

    var fault = assertThrows(SchemaRegistryException.class, () -> serde.deserialize(TOPIC, bytes));

    assertTrue(fault.transientFault());
  }

  @Test
  void refusesARecordOfAnotherType() {
    int id = registry.register("x", Schema.create(Schema.Type.LONG));

    assertThrows(
        SerializationException.class, () -> beats.deserialize(TOPIC, framed(id, new byte[] {2})));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 5})
  void refusesWhatIsShorterThanARecord(int length) {
    byte[] bytes = Arrays.copyOf(beats.serialize(TOPIC, beat()), length);

    assertThrows(SerializationException.class, () -> beats.deserialize(TOPIC, bytes));
  }

  @Test
  void refusesAnotherMagicByte() {
    byte[] bytes = beats.serialize(TOPIC, beat());
    bytes[0] = '{';

    assertThrows(SerializationException.class, () -> beats.deserialize(TOPIC, bytes));
  }

  @Test
  void refusesBytesAfterTheRecord() {
    byte[] bytes = beats.serialize(TOPIC, beat());
    byte[] overlong = Arrays.copyOf(bytes, bytes.length + 1);

    assertThrows(SerializationException.class, () -> beats.deserialize(TOPIC, overlong));
  }

  static LongStream hugeLengths() {
    return LongStream.of(
        100_000_000L, Integer.MAX_VALUE - 8L, Integer.MAX_VALUE, 1L << 40, Long.MAX_VALUE, -7);
  }

  @ParameterizedTest
  @MethodSource("hugeLengths")
  void refusesAnArrayThatClaimsMoreThanItsBytesHold(long claimed) throws IOException {
    beats.prepare(TOPIC);
    byte[] payload =
        payload(encoder -> {
          encoder.writeString("worker-1");
          encoder.writeEnum(1);
          encoder.writeLong(claimed);
        });

    assertThrows(SerializationException.class, () -> beats.deserialize(TOPIC, framed(1, payload)));
  }

  @ParameterizedTest
  @MethodSource("hugeLengths")
  void refusesAStringThatClaimsMoreThanItsBytesHold(long claimed) throws IOException {
    beats.prepare(TOPIC);
    byte[] payload = payload(encoder -> encoder.writeLong(claimed));

    assertThrows(SerializationException.class, () -> beats.deserialize(TOPIC, framed(1, payload)));
  }

  @ParameterizedTest
  @MethodSource("hugeLengths")
  void refusesAMapThatClaimsMoreThanItsBytesHold(long claimed) throws IOException {
    var rows = new AvroSerde<>(CostRow.class, registry).prepare(TOPIC);
    byte[] payload =
        payload(encoder -> {
          encoder.writeString("e");
          encoder.writeEnum(0);
          encoder.writeString("j");
          encoder.writeInt(1);
          for (int i = 0; i < 5; i++) {
            encoder.writeString("x");
          }
          encoder.writeLong(claimed);
        });

    assertThrows(SerializationException.class, () -> rows.deserialize(TOPIC, framed(1, payload)));
  }

  @Test
  void answersGarbageWithASerializationExceptionOnly() {
    beats.prepare(TOPIC);
    byte[] sound = beats.serialize(TOPIC, beat());
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(20261121);
    for (int round = 0; round < 20_000; round++) {
      byte[] damaged = sound.clone();
      for (int hits = random.nextInt(1, 4); hits > 0; hits--) {
        damaged[random.nextInt(5, damaged.length)] = (byte) random.nextInt();
      }
      byte[] bytes = Arrays.copyOf(damaged, random.nextInt(5, damaged.length + 8));
      try {
        beats.deserialize(TOPIC, bytes);
      } catch (SerializationException e) {
        assertTrue(e.getMessage().contains(TOPIC), e.getMessage());
      }
    }
  }

  @Test
  void writesTheSameBytesAfterABigRecord() {
    byte[] before = beats.serialize(TOPIC, beat());
    Beat big = Beat.newBuilder(beat()).setProcess("x".repeat(200_000)).build();

    assertEquals(big, beats.deserialize(TOPIC, beats.serialize(TOPIC, big)));
    assertArrayEquals(before, beats.serialize(TOPIC, beat()));
  }

  private static Beat beat() {
    return Beat.newBuilder()
        .setProcess("worker-1")
        .setKind(BeatKind.WORKER)
        .setPools(List.of("a", "b"))
        .setInFlight(3)
        .build();
  }

  private static byte[] encoded(Schema schema, GenericData.Record record) throws IOException {
    return payload(encoder -> new GenericDatumWriter<>(schema).write(record, encoder));
  }

  private interface Writing {
    void to(BinaryEncoder encoder) throws IOException;
  }

  private static byte[] payload(Writing writing) throws IOException {
    var out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    writing.to(encoder);
    encoder.flush();
    return out.toByteArray();
  }

  private static byte[] framed(int id, byte[] payload) {
    return ByteBuffer.allocate(5 + payload.length).put((byte) 0).putInt(id).put(payload).array();
  }
}
