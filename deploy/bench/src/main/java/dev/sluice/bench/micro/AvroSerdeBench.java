package dev.sluice.bench.micro;

import dev.sluice.contract.avro.PriorityClass;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.serde.AvroSerde;
import dev.sluice.contract.serde.SchemaRegistry;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Schema;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// One submission with a body of 1 KiB, to bytes and back.
@State(Scope.Thread)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class AvroSerdeBench {
  private static final String TOPIC = "sluice.jobs.standard";
  private static final int BODY_BYTES = 1024;

  private final AvroSerde<Submission> serde =
      new AvroSerde<>(Submission.class, new OneSchema(Submission.getClassSchema()));
  private final Submission submission =
      Submission.newBuilder()
          .setJobId("job_01jbench0000000000000000000")
          .setTenant("acme")
          .setKeyId("ci")
          .setPriority(PriorityClass.STANDARD)
          .setEndpoint("/v1/chat/completions")
          .setModel("m")
          .setBody(ByteBuffer.allocate(BODY_BYTES))
          .setCreatedAt(MicroJobs.NOW)
          .setDeadline(MicroJobs.NOW)
          .setReplyPartition(0)
          .setTags(Map.of("team", "search"))
          .build();
  private final byte[] bytes = encoded();

  private record OneSchema(Schema schema) implements SchemaRegistry {
    @Override
    public int register(String subject, Schema registered) {
      return 1;
    }

    @Override
    public Schema byId(int id) {
      return schema;
    }
  }

  private byte[] encoded() {
    byte[] encoded = serde.serialize(TOPIC, submission);
    if (encoded == null) {
      throw new IllegalStateException("a record has bytes");
    }
    return encoded;
  }

  @Benchmark
  public byte[] encode() {
    return encoded();
  }

  @Benchmark
  public Object decode() {
    Submission decoded = serde.deserialize(TOPIC, bytes);
    if (decoded == null) {
      throw new IllegalStateException("bytes have a record");
    }
    return decoded;
  }
}
