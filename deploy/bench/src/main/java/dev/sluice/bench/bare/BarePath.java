package dev.sluice.bench.bare;

import dev.sluice.bench.core.Percentiles;
import dev.sluice.bench.core.Schedule;
import dev.sluice.runtime.kafka.KafkaClients;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/// The hops of a waiting call with Sluice's own client settings and its order of acknowledgements:
/// request → router → log acknowledged → work → share group → claim acknowledged → outcome → router
/// → log acknowledged → result. A claim is logged as well, and nobody waits for that.
///
/// A thread each for router, its outputs, worker and caller, as Sluice has them; no Kafka Streams,
/// Avro, HTTP, state or provider.
public final class BarePath implements AutoCloseable {
  private static final String IN = "bare.in";
  private static final String COMMANDS = "bare.commands";
  private static final String LOG = "bare.log";
  private static final String WORK = "bare.work";
  private static final String RESULTS = "bare.results";
  private static final String GROUP = "bare.worker";

  private static final int RECORDS_A_POLL = 16;
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration LAST_ANSWERS = Duration.ofSeconds(30);
  private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(2);

  private final KafkaClients kafka;
  private final KafkaProducer<byte[], byte[]> router;
  private final LinkedBlockingQueue<ProducerRecord<byte[], byte[]>> outputs =
      new LinkedBlockingQueue<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean closed;
  private volatile Histogram latency = new ConcurrentHistogram(LONGEST_NANOS, 3);
  private volatile CountDownLatch unanswered = new CountDownLatch(0);

  private BarePath(KafkaClients kafka) {
    this.kafka = kafka;
    this.router = kafka.producer("bare-router");
  }

  /// Makes the topics and starts the threads.
  public static BarePath on(String bootstrapServers) throws IOException, InterruptedException {
    KafkaClients kafka = new KafkaClients(bootstrapServers, Map.of());
    prepare(kafka);
    BarePath path = new BarePath(kafka);
    path.thread("router", path::route);
    path.thread("outputs", path::send);
    path.thread("worker", path::work);
    path.thread("caller", path::hear);
    return path;
  }

  private static void prepare(KafkaClients kafka) throws IOException, InterruptedException {
    try (Admin admin = kafka.admin("bare-admin")) {
      admin
          .createTopics(
              Stream.of(IN, COMMANDS, LOG, WORK, RESULTS)
                  .map(name -> new NewTopic(name, Optional.of(1), Optional.of((short) 1)))
                  .toList())
          .all()
          .get();
      admin
          .incrementalAlterConfigs(
              Map.of(
                  new ConfigResource(ConfigResource.Type.GROUP, GROUP),
                  List.of(
                      new AlterConfigOp(
                          new ConfigEntry("share.auto.offset.reset", "earliest"),
                          AlterConfigOp.OpType.SET))))
          .all()
          .get();
    } catch (ExecutionException e) {
      throw new IOException("the topics of the bare path could not be made", e);
    }
  }

  private void thread(String name, Runnable work) {
    threads.add(Thread.ofPlatform().name("bare-" + name).daemon().start(work));
  }

  /// Sends on schedule and waits for every answer.
  ///
  /// @return from when a request was due to when its result was read
  public Percentiles drive(Schedule schedule) throws IOException, InterruptedException {
    latency = new ConcurrentHistogram(LONGEST_NANOS, 3);
    CountDownLatch open = new CountDownLatch(Math.toIntExact(schedule.count()));
    unanswered = open;
    try (KafkaProducer<byte[], byte[]> caller = kafka.producer("bare-caller")) {
      long began = System.nanoTime();
      for (long i = 0; i < schedule.count(); i++) {
        long due = began + schedule.dueNanos(i);
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
          LockSupport.parkNanos(left);
        }
        var _ = caller.send(record(IN, new Step(Step.Kind.REQUEST, due)));
      }
      if (!open.await(LAST_ANSWERS.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException(open.getCount() + " requests of the bare path have no answer");
      }
    }
    return Percentiles.ofNanos(latency);
  }

  private static ProducerRecord<byte[], byte[]> record(String topic, Step step) {
    return new ProducerRecord<>(topic, step.bytes());
  }

  /// Writes each input's transition ahead; what follows from it leaves when that is acknowledged.
  private void route() {
    follow(
        "bare-router",
        List.of(IN, COMMANDS),
        step -> {
          Step output = step.as(Step.Kind.OUTPUT);
          var _ =
              router.send(
                  record(LOG, step),
                  (_, failure) -> {
                    if (failure == null && step.kind() != Step.Kind.CLAIM) {
                      String topic = step.kind() == Step.Kind.REQUEST ? WORK : RESULTS;
                      outputs.add(record(topic, output));
                    }
                  });
        });
  }

  private void send() {
    try {
      while (!closed) {
        ProducerRecord<byte[], byte[]> next = outputs.poll(POLL.toMillis(), TimeUnit.MILLISECONDS);
        if (next != null) {
          var _ = router.send(next);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void work() {
    try (var consumer = kafka.shareConsumer("bare-worker", GROUP, RECORDS_A_POLL);
        var producer = kafka.producer("bare-worker")) {
      consumer.subscribe(List.of(WORK));
      while (!closed) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        consumer.poll(POLL).forEach(records::add);
        List<Future<RecordMetadata>> claims = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : records) {
          Step work = Step.of(record.value());
          claims.add(producer.send(record(COMMANDS, work.as(Step.Kind.CLAIM))));
        }
        for (int i = 0; i < records.size(); i++) {
          claims.get(i).get();
          consumer.acknowledge(records.get(i), AcknowledgeType.ACCEPT);
          Step work = Step.of(records.get(i).value());
          var _ = producer.send(record(COMMANDS, work.as(Step.Kind.OUTCOME)));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException("the broker refused a claim of the bare path", e);
    }
  }

  private void hear() {
    follow(
        "bare-caller",
        List.of(RESULTS),
        result -> {
          latency.recordValue(Math.clamp(System.nanoTime() - result.dueNanos(), 0, LONGEST_NANOS));
          unanswered.countDown();
        });
  }

  private void follow(String name, List<String> topics, java.util.function.Consumer<Step> take) {
    try (var consumer = kafka.reader(name, Map.of())) {
      List<TopicPartition> partitions =
          topics.stream().map(topic -> new TopicPartition(topic, 0)).toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (!closed) {
        consumer.poll(POLL).forEach(record -> take.accept(Step.of(record.value())));
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    for (Thread thread : threads) {
      try {
        thread.join(Duration.ofSeconds(5));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
    router.close(Duration.ofSeconds(5));
  }
}
