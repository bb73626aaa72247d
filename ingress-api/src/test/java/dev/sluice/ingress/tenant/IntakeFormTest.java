package dev.sluice.ingress.tenant;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.sluice.contract.avro.JobRequest;
import dev.sluice.contract.avro.PriorityClass;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Topics;
import dev.sluice.ingress.IngressConfig;
import dev.sluice.testkit.serde.MemorySchemaRegistry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class IntakeFormTest {
  private static final Instant AT = Instant.parse("2026-11-21T08:00:00Z");
  private static final String TOPIC = Topics.intake("acme").name();
  private static final String JOB =
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"deadline\":\"PT2H\","
          + "\"priority\":\"batch\",\"tags\":{\"a\":\"b\"}}";
  private static final Policy POLICY =
      new Policy(
          1,
          Map.of(),
          Map.of(),
          Map.of("m", new Policy.Model("m", Optional.empty(), List.of(), List.of())),
          List.of());

  private final Serde<JobRequest> serde =
      RecordSerdes.over(new MemorySchemaRegistry()).forRecord(JobRequest.class);
  private final IntakeForm form = new IntakeForm(serde, IngressConfig.DEFAULT, 4);

  private static ConsumerRecord<byte[], byte[]> record(long offset, byte[] value) {
    return new ConsumerRecord<>(
        TOPIC,
        0,
        offset,
        AT.toEpochMilli(),
        TimestampType.LOG_APPEND_TIME,
        0,
        value.length,
        null,
        value,
        new RecordHeaders(),
        Optional.empty());
  }

  private byte[] request(String job, String tenant) {
    ByteBuffer bytes = ByteBuffer.wrap(job.getBytes(StandardCharsets.UTF_8));
    return serde.serializer().serialize(TOPIC, new JobRequest(bytes, tenant));
  }

  private Submission accepted(long offset, String job) {
    Intake intake = form.read(record(offset, request(job, null)), POLICY);
    return assertInstanceOf(Intake.Accepted.class, intake).submission();
  }

  @Test
  void aRecordIsTheJobThatHttpWouldHaveMadeOfIt() {
    Submission submission = accepted(7, JOB);

    assertEquals("acme", submission.getTenant());
    assertEquals(PriorityClass.BATCH, submission.getPriority());
    assertEquals(AT.plus(Duration.ofHours(2)), submission.getDeadline());
    assertEquals(Map.of("a", "b"), submission.getTags());
    assertEquals("/v1/chat/completions", submission.getEndpoint());
  }

  @Test
  void theSamePlaceIsTheSameJobAndAnotherPlaceAnother() {
    assertEquals(accepted(7, JOB), accepted(7, JOB));
    assertEquals(2, Stream.of(7, 8).map(at -> accepted(at, JOB).getJobId()).distinct().count());
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of("{\"model\":\"m\"}", null, ErrorCode.SCHEMA_VIOLATION),
        Arguments.of("{", null, ErrorCode.MALFORMED_JSON),
        Arguments.of(JOB.replace("\"m\"", "\"x\""), null, ErrorCode.MODEL_NOT_FOUND),
        Arguments.of(
            JOB.replace("\"tags\"", "\"callback_url\":\"https://a.example/\",\"tags\""),
            null,
            ErrorCode.SCHEMA_VIOLATION),
        Arguments.of(
            JOB.replace("\"tags\"", "\"cache\":{},\"tags\""), null, ErrorCode.SCHEMA_VIOLATION),
        Arguments.of(
            "{\"model\":\"m\",\"input\":\"hi\",\"previous_response_id\":\"resp_1\"}",
            null,
            ErrorCode.SCHEMA_VIOLATION),
        Arguments.of(JOB, "other", ErrorCode.TENANT_MISMATCH));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void whatIsNoJobIsRefusedWithTheReason(String job, String tenant, ErrorCode code) {
    Intake intake = form.read(record(7, request(job, tenant)), POLICY);

    Intake.Refused refused = assertInstanceOf(Intake.Refused.class, intake);
    assertEquals(code, refused.code());
    assertEquals("acme", refused.tenant());
    assertEquals(Optional.ofNullable(tenant), refused.claimed());
  }

  @Test
  void bytesThatAreNoRequestAreRefused() {
    Intake intake = form.read(record(7, new byte[] {1, 2, 3}), POLICY);

    assertEquals(ErrorCode.DECODE_ERROR, assertInstanceOf(Intake.Refused.class, intake).code());
  }
}
