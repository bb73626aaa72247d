package dev.sluice.deploy.router;

import dev.sluice.contract.avro.DeadLetter;
import dev.sluice.contract.avro.InboxMessage;
import dev.sluice.contract.avro.JobEvent;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.Settlement;
import dev.sluice.contract.avro.Verdict;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Topics;
import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.testkit.Eventually;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/// All that a router says, as it comes. Read by the test's thread, written by one thread a topic.
final class RouterOutput implements AutoCloseable {
  private final KafkaClients kafka;
  private final RecordSerdes serdes;
  private final Map<String, List<JobResult>> results = new ConcurrentHashMap<>();
  private final Map<String, Set<String>> joined = new ConcurrentHashMap<>();
  private final Map<String, Map<String, Settlement>> ledger = new ConcurrentHashMap<>();
  private final Map<String, Integer> cancels = new ConcurrentHashMap<>();
  private final List<String> letters = new CopyOnWriteArrayList<>();
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private volatile boolean closed;

  RouterOutput(KafkaClients kafka, RecordSerdes serdes) {
    this.kafka = kafka;
    this.serdes = serdes;
    follow(Topics.RESULTS.name(), JobResult.class, this::takeResult);
    follow(Topics.EVENTS.name(), JobEvent.class, this::takeEvent);
    follow(Topics.LEDGER.name(), Settlement.class, this::takeSettlement);
    follow(Topics.INBOX.name(), InboxMessage.class, this::takeVerdict);
    follow(Topics.DLQ.name(), DeadLetter.class, this::takeLetter);
  }

  private void takeLetter(DeadLetter letter) {
    letters.add(letter.getTopic() + " " + letter.getCode());
  }

  /// Waits for so many dead letters: topic and code of each, in order of the alphabet.
  List<String> awaitLetters(int count) throws Exception {
    Eventually.await("dead letters", Duration.ofSeconds(20), () -> letters.size() >= count);
    return letters.stream().sorted().toList();
  }

  private void takeResult(JobResult result) {
    // In one step: a list that is seen has something in it.
    results.compute(
        result.getJobId(),
        (_, known) -> {
          List<JobResult> all = known == null ? new CopyOnWriteArrayList<>() : known;
          all.add(result);
          return all;
        });
  }

  private void takeSettlement(Settlement entry) {
    // The first of an identity counts, as in metering: an outcome that is read once more after its
    // job was forgotten is settled again, then as one that nobody knows.
    ledger
        .computeIfAbsent(entry.getJobId(), _ -> new ConcurrentHashMap<>())
        .putIfAbsent(entry.getEntryId(), entry);
  }

  private void takeVerdict(InboxMessage message) {
    if (message.getVerdict() == Verdict.CANCEL) {
      cancels.merge(message.getJobId(), 1, Integer::sum);
    }
  }

  private void takeEvent(JobEvent event) {
    if (event.getJoinedTo() != null) {
      joined.compute(
          event.getJobId(),
          (_, known) -> {
            Set<String> all = known == null ? ConcurrentHashMap.newKeySet() : known;
            all.add(event.getJoinedTo());
            return all;
          });
    }
  }

  /// Waits until a submission has ended or was joined, and names the job it is: itself or another.
  String awaitJob(String id, Duration limit) throws Exception {
    Eventually.await(
        "answer to " + id, limit, () -> results.containsKey(id) || joined.containsKey(id));
    if (joined.containsKey(id) && (results.containsKey(id) || joined.get(id).size() > 1)) {
      throw new AssertionError("two answers to " + id);
    }
    return joined.containsKey(id) ? joined.get(id).iterator().next() : id;
  }

  JobResult awaitResult(String job, Duration limit) throws Exception {
    Eventually.await("result of " + job, limit, () -> results.containsKey(job));
    return results.get(job).getFirst();
  }

  /// Waits until nothing has come for a while.
  void settle() throws Exception {
    int[] last = {-1};
    long[] since = {System.nanoTime()};
    Eventually.await(
        "quiet",
        Duration.ofSeconds(30),
        () -> {
          int now = results.values().stream().mapToInt(List::size).sum();
          if (now != last[0]) {
            last[0] = now;
            since[0] = System.nanoTime();
          }
          return System.nanoTime() - since[0] > 1_000_000_000L;
        });
  }

  /// Jobs with results that differ in status or claim: repeats of one record are allowed.
  Set<String> jobsWithMoreThanOneResult() {
    Set<String> doubled = new HashSet<>();
    results.forEach((job, all) -> {
      if (all.stream().map(r -> r.getStatus() + "/" + r.getClaimId()).distinct().count() > 1) {
        doubled.add(job);
      }
    });
    return doubled;
  }

  /// Delivered calls of a job.
  long settlements(String job) throws Exception {
    // A settlement may leave some milliseconds after the result that somebody waits for.
    Eventually.await(
        "delivered settlement of " + job, Duration.ofSeconds(10), () -> delivered(job) > 0);
    return delivered(job);
  }

  private long delivered(String job) {
    return ledger.containsKey(job)
        ? ledger.get(job).values().stream().filter(Settlement::getDelivered).count()
        : 0;
  }

  /// The job's entries in the ledger without repeats, once there is one.
  List<Settlement> ledger(String job, Duration limit) throws Exception {
    Eventually.await("ledger", limit, () -> ledger.containsKey(job));
    return List.copyOf(ledger.get(job).values());
  }

  boolean inLedger(String job) {
    return ledger.containsKey(job);
  }

  void awaitCancels(String job, int count) throws Exception {
    Eventually.await(
        "cancels", Duration.ofSeconds(20), () -> cancels.getOrDefault(job, 0) >= count);
  }

  /// Takes all that is and comes in a topic, on a thread of its own.
  <T extends SpecificRecord> void follow(String topic, Class<T> type, Consumer<T> sink) {
    var serde = serdes.forRecord(type).deserializer();
    run(() -> {
      try (KafkaConsumer<byte[], byte[]> consumer = kafka.reader("rig-" + topic, Map.of())) {
        List<TopicPartition> all =
            consumer.partitionsFor(topic).stream()
                .map(p -> new TopicPartition(topic, p.partition()))
                .toList();
        consumer.assign(all);
        consumer.seekToBeginning(all);
        while (!closed) {
          consumer
              .poll(Duration.ofMillis(100))
              .forEach(record -> sink.accept(serde.deserialize(topic, record.value())));
        }
      }
    });
  }

  /// Runs on a thread that is waited for at the end.
  void run(Runnable loop) {
    threads.add(Thread.ofPlatform().daemon().start(loop));
  }

  @Override
  public void close() {
    closed = true;
    try {
      for (Thread thread : threads) {
        thread.join(5_000);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
