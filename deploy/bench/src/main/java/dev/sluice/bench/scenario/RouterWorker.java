package dev.sluice.bench.scenario;

import dev.sluice.contract.avro.Beat;
import dev.sluice.contract.avro.BeatKind;
import dev.sluice.contract.avro.Claim;
import dev.sluice.contract.avro.Command;
import dev.sluice.contract.avro.Outcome;
import dev.sluice.contract.avro.Usage;
import dev.sluice.contract.avro.UsageSource;
import dev.sluice.contract.avro.Work;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.model.TokenKind;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Headers;
import dev.sluice.contract.topic.ReadAtOnce;
import dev.sluice.contract.topic.Topics;
import dev.sluice.runtime.kafka.KafkaClients;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/// A worker of one pool that calls nobody: it claims whatever is released, and has an answer to it
/// as soon as the log has the claim. It beats as a worker does, or its claims would be lost.
final class RouterWorker implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final String WORKER = "bench-worker";
  private static final byte[] ANSWER =
      "{\"answer\":\"%s\"}"
          .formatted("A gateway adds as little as it can to an answer. ".repeat(8))
          .getBytes(StandardCharsets.UTF_8);

  private final String pool;
  private final RecordSerdes serdes;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final KafkaProducer<byte[], byte[]> producer;
  private final ScheduledExecutorService beats =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("bench-beats").daemon().factory());
  private final Thread thread;
  private volatile boolean closed;

  /// A claim on its way, and what was claimed.
  private record Claimed(Work work, long claim, Future<RecordMetadata> written, Headered at) {}

  /// Key and trace of the records about a job.
  private record Headered(String shard, Iterable<Header> headers) {}

  RouterWorker(KafkaClients kafka, RecordSerdes serdes, String pool) {
    this.pool = pool;
    this.serdes = serdes;
    this.producer = kafka.producer(WORKER);
    this.consumer = kafka.reader(WORKER, Map.of());
    List<TopicPartition> work =
        List.of(new TopicPartition(Topics.workName(pool, Priority.STANDARD), 0));
    consumer.assign(work);
    consumer.seekToBeginning(work);
    var _ = beats.scheduleAtFixedRate(this::beat, 0, 1, TimeUnit.SECONDS);
    thread = Thread.ofPlatform().name(WORKER).daemon().start(this::run);
  }

  private void run() {
    try {
      while (!closed) {
        List<Claimed> claimed = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          claimed.add(claim(record));
        }
        for (Claimed one : claimed) {
          var _ = one.written.get();
          answer(one);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a claim was not written", e);
    }
  }

  private Claimed claim(ConsumerRecord<byte[], byte[]> record) {
    Work work =
        serdes.forRecord(Work.class).deserializer().deserialize(record.topic(), record.value());
    long id = ThreadLocalRandom.current().nextLong(1L << 53);
    Claim claim =
        Claim.newBuilder()
            .setAttempt(work.getAttempt())
            .setRelease(work.getRelease())
            .setClaimId(id)
            .setWorker(WORKER)
            .setInboxPartition(0)
            .build();
    Headered at = new Headered(work.getShard(), record.headers().headers(Headers.TRACEPARENT));
    return new Claimed(work, id, send(command(work).setClaim(claim).build(), at), at);
  }

  private void answer(Claimed claimed) {
    Instant now = Instant.now();
    Outcome outcome =
        Outcome.newBuilder()
            .setAttempt(claimed.work.getAttempt())
            .setClaimId(claimed.claim)
            .setWorker(WORKER)
            .setContext(claimed.work.getContext())
            .setResult(ByteBuffer.wrap(ANSWER))
            .setUsage(
                new Usage(
                    Map.of(TokenKind.INPUT.key(), 20L, TokenKind.OUTPUT.key(), 40L),
                    UsageSource.REPORTED))
            .setStartedAt(now)
            .setFinishedAt(now)
            .build();
    var _ = send(command(claimed.work).setOutcome(outcome).build(), claimed.at);
  }

  private static Command.Builder command(Work work) {
    return Command.newBuilder().setJobId(work.getJobId()).setTenant(work.getContext().getTenant());
  }

  private Future<RecordMetadata> send(Command command, Headered at) {
    String topic = Topics.COMMANDS.name();
    return producer.send(
        ReadAtOnce.of(
            new ProducerRecord<>(
                topic, null, utf8(at.shard), encoded(topic, Command.class, command), at.headers)));
  }

  private void beat() {
    Beat beat =
        Beat.newBuilder()
            .setProcess(WORKER)
            .setKind(BeatKind.WORKER)
            .setPools(List.of(pool))
            .build();
    String topic = Topics.WORKERS.name();
    var _ =
        producer.send(new ProducerRecord<>(topic, utf8(WORKER), encoded(topic, Beat.class, beat)));
  }

  private <R extends SpecificRecord> byte[] encoded(String topic, Class<R> type, R record) {
    return serdes.forRecord(type).serializer().serialize(topic, record);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    closed = true;
    beats.shutdownNow();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    consumer.close();
    producer.close();
  }
}
