package dev.sluice.deploy.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.avro.Cancel;
import dev.sluice.contract.avro.Command;
import dev.sluice.contract.avro.DeadLetter;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Headers;
import dev.sluice.contract.topic.Topics;
import dev.sluice.deploy.BrokerExtension;
import dev.sluice.deploy.InThisJvm;
import dev.sluice.runtime.registry.LogSchemaRegistry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/// Dead letters as the services write them, and what the commands make of them. Each test has a
/// code of its own, so that none sees the letters of another.
@InThisJvm
class DlqIT {
  private static final String JOBS = Topics.jobs(Priority.STANDARD).name();
  private static final Instant AT = Instant.now();

  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.fresh();

  private static RecordSerdes serdes;
  private static KafkaProducer<byte[], byte[]> producer;

  @BeforeAll
  static void begin() {
    BROKER.createTopics(Topics.fixed());
    serdes = RecordSerdes.over(LogSchemaRegistry.open(BROKER.clients()));
    producer = BROKER.clients().producer("test");
  }

  @AfterAll
  static void end() {
    producer.close();
    serdes.close();
  }

  @Test
  void listsNewestFirstAndByReason() throws Exception {
    String old = letter("listed", AT.minusSeconds(7_200), 0, utf8("a"));
    String young = letter("listed", AT, 1, utf8("b"));
    letter("another", AT, 2, utf8("c"));

    assertEquals(List.of(young, old), ids(run("list", "--code", "listed", "-o", "json")));
    assertEquals(List.of(young), ids(run("list", "--code=listed", "--since=PT1H", "-o", "json")));
    assertEquals(
        List.of(), ids(run("list", "--code=listed", "--topic=sluice.costs", "-o", "json")));
    assertEquals(3, run("list", "--code", "listed").lines().size());
    CommandRun one = run("list", "--code", "listed", "--limit", "1");
    assertEquals(2, one.lines().size());
    assertTrue(one.err().startsWith("1 older ones"), one.err());
  }

  @Test
  void showsTheFieldsOfARecordWhoseSchemaIsKnown() throws Exception {
    Command command =
        Command.newBuilder()
            .setJobId("job_1")
            .setTenant("acme")
            .setCancel(Cancel.newBuilder().setReason("Bearer abcdefgh").build())
            .build();
    String topic = Topics.COMMANDS.name();
    byte[] value = serdes.forRecord(Command.class).serializer().serialize(topic, command);
    String id = letterOf(topic, "shown", AT, 99, value);

    CommandRun json = run("show", id, "-o", "json");
    CommandRun text = run("show", id);

    JsonNode fields = SluiceClient.JSON.readTree(json.out()).path("value");
    assertEquals("acme", fields.path("tenant").asString());
    assertEquals("Bearer ********", fields.path("cancel").path("reason").asString());
    assertTrue(text.out().contains("code       shown"), text.out());
    assertFalse(text.out().contains("abcdefgh"), text.out());
  }

  @Test
  void showsOtherBytesAsHexAndCoversSecrets() throws Exception {
    String id = letter("hex", AT, 5, utf8("\u0001 sk-abcdefgh"));

    CommandRun shown = run("show", id);

    assertTrue(
        shown.out().contains("00000000  01 20 2a 2a 2a 2a 2a 2a 2a 2a 2a 2a 2a"), shown.out());
  }

  @Test
  void writesARecordToItsPlaceAgainOnce() throws Exception {
    byte[] large = new byte[70_000];
    large[69_999] = 1;
    ProducerRecord<byte[], byte[]> source = new ProducerRecord<>(JOBS, 0, utf8("acme"), large);
    source.headers().add(Headers.TRACEPARENT, utf8("00-1"));
    long offset = producer.send(source).get().offset();
    String id = letter("once", AT, offset, java.util.Arrays.copyOf(large, 65_536));

    CommandRun first = run("redrive", id);
    CommandRun second = run("redrive", id);

    assertEquals("1 written again\n", first.out());
    assertEquals(0, first.code());
    ConsumerRecord<byte[], byte[]> written = last(JOBS);
    assertTrue(written.offset() > offset);
    assertArrayEquals(large, written.value());
    assertArrayEquals(utf8("acme"), written.key());
    assertEquals("00-1", header(written, Headers.TRACEPARENT));
    assertEquals(id, header(written, Headers.DEAD_LETTER));
    assertEquals(1, second.code());
    assertTrue(second.err().contains("written again before"), second.err());
    assertTrue(run("list", "--code", "once").out().contains("redriven"));
    assertEquals("1 written again\n", run("redrive", id, "--again").out());
  }

  @Test
  void writesAllThatAFilterLeavesAndRefusesWhatIsCut() throws Exception {
    letter("many", AT, 1_000_001, utf8("first"));
    letter("many", AT, 1_000_002, utf8("second"));
    String cut = letter("many", AT, 1_000_003, new byte[65_536]);

    CommandRun run = run("redrive", "--all", "--code", "many", "--topic", JOBS);

    assertEquals(1, run.code());
    assertEquals("2 written again, 1 refused\n", run.out());
    assertTrue(run.err().contains(cut + " is not written"), run.err());
    assertTrue(run.err().contains("only the first 65536 bytes"), run.err());
    ConsumerRecord<byte[], byte[]> written = last(JOBS);
    assertArrayEquals(utf8("second"), written.value());
    assertNull(written.key());
    assertEquals(
        "0 written again, 1 refused\n", run("redrive", "--all", "--code", "many", "--yes").out());
  }

  @Test
  void saysWhatIsWrongWithItsArguments() {
    assertEquals(4, run("show", "0:999999").code());
    assertEquals(4, run("redrive", "0:999999").code());
    assertEquals(2, run("show", "seventeen").code());
    assertEquals(2, run("redrive").code());
    assertEquals(2, run("redrive", "0:1", "--all").code());
    assertEquals(2, run("list", "--since", "yesterday").code());
  }

  /// Sets a record of the jobs topic aside.
  private static String letter(String code, Instant at, long offset, byte[] value)
      throws Exception {
    return letterOf(JOBS, code, at, offset, value);
  }

  private static String letterOf(String source, String code, Instant at, long offset, byte[] value)
      throws Exception {
    DeadLetter letter =
        DeadLetter.newBuilder()
            .setTopic(source)
            .setPartition(0)
            .setOffset(offset)
            .setCode(code)
            .setMessage("cannot be used")
            .setValue(ByteBuffer.wrap(value))
            .setAt(at)
            .build();
    String topic = Topics.DLQ.name();
    byte[] encoded = serdes.forRecord(DeadLetter.class).serializer().serialize(topic, letter);
    return "0:" + producer.send(new ProducerRecord<>(topic, utf8(source), encoded)).get().offset();
  }

  private static List<String> ids(CommandRun run) {
    return run.lines().stream()
        .map(line -> SluiceClient.JSON.readTree(line).path("id").asString())
        .toList();
  }

  private static ConsumerRecord<byte[], byte[]> last(String topic) {
    TopicPartition partition = new TopicPartition(topic, 0);
    try (RecordReader reader = new RecordReader(BROKER.clients());
        var ends = BROKER.clients().reader("test", java.util.Map.of())) {
      long end = ends.endOffsets(List.of(partition)).get(partition);
      return reader.find(partition, end - 1).orElseThrow();
    }
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static CommandRun run(String... arguments) {
    List<String> all = new ArrayList<>(List.of("dlq"));
    all.addAll(List.of(arguments));
    all.add("--kafka=" + BROKER.bootstrapServers());
    return CommandRun.of(all.toArray(String[]::new));
  }
}
