package dev.sluice.contract.serde;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/// One Avro record class in Confluent's wire format: magic 0, four bytes of schema id, binary Avro.
/// Written under subject `<topic>-value`; read with the writer's schema, whatever version that is.
///
/// Safe for use by many threads.
public final class AvroSerde<T extends SpecificRecord>
    implements Serde<T>, Serializer<T>, Deserializer<T> {
  private static final byte MAGIC = 0;
  private static final int PREFIX_BYTES = 5;

  /// A thread keeps its buffer unless one big record has made it larger than this.
  private static final int MAX_KEPT_BUFFER_BYTES = 64 * 1024;

  private static final ThreadLocal<Reuse> REUSE = ThreadLocal.withInitial(Reuse::new);

  private final Class<T> type;
  private final Schema schema;
  private final Schema registered;
  private final SpecificData data;
  private final SpecificDatumWriter<T> writer;
  private final SchemaRegistry registry;
  private final ConcurrentHashMap<String, Integer> idByTopic = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Integer, Written<T>> writtenById = new ConcurrentHashMap<>();

  /// How bytes of one schema are read.
  ///
  /// @param own whether it is the schema of the class that is read
  private record Written<T>(SpecificDatumReader<T> reader, boolean own) {}

  private static final class Reuse {
    ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
    @Nullable BinaryEncoder encoder;
    @Nullable BinaryDecoder decoder;
  }

  public AvroSerde(Class<T> type, SchemaRegistry registry) {
    this.type = type;
    this.data = SpecificData.getForClass(type);
    this.schema = data.getSchema(type);
    this.registered = PortableSchema.of(schema);
    this.writer = new SpecificDatumWriter<>(schema, data);
    this.registry = registry;
  }

  /// Registers the schema for a topic now, so that the first record does not wait for it.
  public AvroSerde<T> prepare(String topic) {
    idFor(topic);
    return this;
  }

  @Override
  public byte @Nullable [] serialize(String topic, @Nullable T record) {
    if (record == null) {
      return null;
    }
    int id = idFor(topic);
    Reuse reuse = REUSE.get();
    ByteArrayOutputStream out = reuse.out;
    out.reset();
    out.write(MAGIC);
    out.write(id >>> 24);
    out.write(id >>> 16);
    out.write(id >>> 8);
    out.write(id);
    try {
      BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, reuse.encoder);
      reuse.encoder = encoder;
      writer.write(record, encoder);
      encoder.flush();
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (out.size() > MAX_KEPT_BUFFER_BYTES) {
        reuse.out = new ByteArrayOutputStream(1024);
      }
    }
  }

  /// Reads one record. Never allocates more than the bytes could hold, whatever lengths they claim.
  ///
  /// @throws SerializationException for anything that is not such a record, also when the registry
  ///   does not know its schema
  /// @throws SchemaRegistryException when the registry could not be asked: the record may be fine
  @Override
  public @Nullable T deserialize(String topic, byte @Nullable [] bytes) {
    if (bytes == null) {
      return null;
    }
    SpecificDatumReader<T> reader = written(topic, bytes).reader();
    Reuse reuse = REUSE.get();
    BinaryDecoder decoder = decoder(bytes, reuse.decoder);
    reuse.decoder = decoder;
    T record;
    boolean whole;
    try {
      record = reader.read(null, decoder);
      whole = decoder.isEnd();
    } catch (IOException | RuntimeException e) {
      // Damaged bytes meet every unchecked exception that Avro and its logical types know.
      throw new SerializationException("not a " + type.getSimpleName() + " in " + topic, e);
    }
    if (!whole) {
      throw new SerializationException(
          "bytes left over after a " + type.getSimpleName() + " in " + topic);
    }
    return record;
  }

  /// Opens a record for who takes its fields one after the other, as the schema of the class has
  /// them, faster than into a whole record.
  ///
  /// @return whether it can be: not where another schema wrote them
  /// @throws SerializationException as [#deserialize] does
  /// @throws SchemaRegistryException as [#deserialize] does
  public boolean open(String topic, byte[] bytes, AvroFields fields) {
    boolean own = written(topic, bytes).own();
    if (own) {
      fields.over(bytes, PREFIX_BYTES);
    }
    return own;
  }

  private static BinaryDecoder decoder(byte[] bytes, @Nullable BinaryDecoder reuse) {
    return DecoderFactory.get()
        .binaryDecoder(bytes, PREFIX_BYTES, bytes.length - PREFIX_BYTES, reuse);
  }

  private Written<T> written(String topic, byte[] bytes) {
    if (bytes.length < PREFIX_BYTES || bytes[0] != MAGIC) {
      throw new SerializationException(
          "not Avro in Confluent's wire format: " + bytes.length + " bytes in " + topic);
    }
    int id = ByteBuffer.wrap(bytes, 1, 4).getInt();
    Written<T> known = writtenById.get(id);
    if (known != null) {
      return known;
    }
    try {
      Schema by = registry.byId(id);
      var written =
          new Written<T>(new SpecificDatumReader<>(by, schema, data), by.equals(registered));
      writtenById.put(id, written);
      return written;
    } catch (SchemaRegistryException e) {
      if (e.transientFault()) {
        throw e;
      }
      throw new SerializationException("unknown schema " + id + " in " + topic, e);
    }
  }

  private int idFor(String topic) {
    Integer known = idByTopic.get(topic);
    if (known != null) {
      return known;
    }
    int id = registry.register(topic + "-value", registered);
    idByTopic.put(topic, id);
    return id;
  }

  @Override
  public Serializer<T> serializer() {
    return this;
  }

  @Override
  public Deserializer<T> deserializer() {
    return this;
  }

  @Override
  public void configure(java.util.Map<String, ?> configs, boolean isKey) {
    // Everything it needs came through the constructor.
  }

  @Override
  public void close() {
    // The registry belongs to whoever made it.
  }
}
