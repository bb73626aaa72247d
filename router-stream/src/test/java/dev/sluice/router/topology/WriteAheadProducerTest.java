package dev.sluice.router.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testkit.Eventually;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WriteAheadProducerTest {
  private static final String CHANGELOG = "log";
  private static final TopicPartition PARTITION = new TopicPartition(CHANGELOG, 0);
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private final MockProducer<byte[], byte[]> inner =
      new MockProducer<>(
          Cluster.empty(), false, null, new ByteArraySerializer(), new ByteArraySerializer());
  private final Fences fences = new Fences();
  private final WriteAheadProducer producer =
      new WriteAheadProducer(inner, CHANGELOG::equals, fences);

  /// What is patient there never leaves alone.
  private final WriteAheadProducer endless =
      new WriteAheadProducer(inner, CHANGELOG::equals, fences, Duration.ofHours(1));

  @AfterEach
  void close() {
    producer.close(Duration.ZERO);
    endless.close(Duration.ZERO);
  }

  private Future<RecordMetadata> send(String topic) {
    return producer.send(record(topic));
  }

  private static ProducerRecord<byte[], byte[]> record(String topic) {
    return new ProducerRecord<>(topic, 0, new byte[0], new byte[0]);
  }

  private static ProducerRecord<byte[], byte[]> patient(String topic) {
    ProducerRecord<byte[], byte[]> record = record(topic);
    record.headers().add(WriteAheadProducer.PATIENT);
    return record;
  }

  private List<String> sentTopics() {
    return inner.history().stream().map(ProducerRecord::topic).toList();
  }

  private void awaitSent(String... topics) throws Exception {
    Eventually.await(
        "sent " + List.of(topics) + ", is " + sentTopics(),
        LIMIT,
        () -> sentTopics().equals(List.of(topics)));
  }

  @Test
  void anOutputLeavesOnlyAfterTheTransitionsBeforeItAreAcknowledged() throws Exception {
    send(CHANGELOG);
    send("work");
    send(CHANGELOG);
    send("results");
    assertEquals(List.of(CHANGELOG, CHANGELOG), sentTopics());

    inner.completeNext();
    awaitSent(CHANGELOG, CHANGELOG, "work");

    inner.completeNext();
    awaitSent(CHANGELOG, CHANGELOG, "work", "results");
  }

  @Test
  void anOutputWithoutATransitionOfItsOwnLeavesAtOnce() throws Exception {
    send("inbox");

    awaitSent("inbox");
  }

  @Test
  void aFailedTransitionHoldsEveryOutputAfterIt() throws Exception {
    send(CHANGELOG);
    Future<RecordMetadata> held = send("work");

    inner.errorNext(new KafkaException("lost"));

    assertEquals(List.of(CHANGELOG), sentTopics());
    assertTrue(!held.isDone());
  }

  @Test
  void aGapInTheOffsetsHoldsTheOutputsUntilItHasBeenLookedAt() throws Exception {
    fences.of(PARTITION).arm(7);
    send(CHANGELOG);
    send("work");

    inner.completeNext(); // offset 0 in the mock: before the armed one, so no gap
    awaitSent(CHANGELOG, "work");

    fences.of(PARTITION).acknowledged(9);
    send(CHANGELOG);
    send("results");
    inner.completeNext();
    inner.completeNext();
    OffsetFence.Gap gap = fences.of(PARTITION).gap().orElseThrow();
    assertEquals(new OffsetFence.Gap(7, 9), gap);
    assertEquals(List.of(CHANGELOG, "work", CHANGELOG), sentTopics());

    fences.close(PARTITION, gap);
    awaitSent(CHANGELOG, "work", CHANGELOG, "results");
  }

  @Test
  void whatWaitsBehindAGapNeverLeavesOnceItsTaskIsGivenUp() throws Exception {
    fences.of(PARTITION).arm(0);
    send(CHANGELOG);
    awaitSent(CHANGELOG);
    inner.completeNext();
    fences.of(PARTITION).acknowledged(5);
    send("work");

    fences.forget(PARTITION);

    assertThrows(SecondWriterException.class, producer::flush);
    assertThrows(SecondWriterException.class, () -> send("results"));
    assertEquals(List.of(CHANGELOG), sentTopics());
  }

  /// As after a crash of the thread: the successor may have read the log before the transition
  /// came.
  @Test
  void whatFollowsATransitionOnItsWayNeverLeavesOnceItsTaskIsGivenUp() throws Exception {
    send(CHANGELOG);
    awaitSent(CHANGELOG);
    send("work");

    fences.forget(PARTITION);
    inner.completeNext();

    assertThrows(SecondWriterException.class, producer::flush);
    assertEquals(List.of(CHANGELOG), sentTopics());
  }

  @Test
  void aTransitionThatStillWaitsIsNotLoggedOnceItsTaskIsGivenUp() {
    endless.send(record(CHANGELOG));

    fences.forget(PARTITION);

    assertThrows(SecondWriterException.class, endless::flush);
    assertEquals(List.of(), sentTopics());
  }

  @Test
  void aTaskThatIsGivenUpWithEverythingLoggedHoldsNothingUp() throws Exception {
    send(CHANGELOG);
    awaitSent(CHANGELOG);
    inner.completeNext();
    producer.send(new ProducerRecord<>(CHANGELOG, 1, new byte[0], new byte[0]));

    fences.forget(PARTITION);
    send("work");
    awaitSent(CHANGELOG, CHANGELOG);
    inner.completeNext();

    awaitSent(CHANGELOG, CHANGELOG, "work");
  }

  /// The flush began before the acknowledgement that shows it.
  @Test
  void aCommitThatWaitsWhenASecondWriterShowsFails() throws Exception {
    send(CHANGELOG);
    awaitSent(CHANGELOG);
    inner.completeNext();
    fences.of(PARTITION).arm(0); // the next one is written at 1
    send(CHANGELOG);
    send("work");
    AtomicReference<Exception> thrown = new AtomicReference<>();
    Thread flush =
        Thread.ofPlatform()
            .start(() ->
                thrown.set(assertThrows(SecondWriterException.class, () -> producer.flush())));
    Eventually.await("the flush waits", LIMIT, () -> flush.getState() == Thread.State.WAITING);

    inner.completeNext();

    assertTrue(flush.join(LIMIT));
    assertEquals(SecondWriterException.class, thrown.get().getClass());
  }

  @Test
  void theMarkerOfATakeoverLeavesAtOnce() {
    fences.of(PARTITION).arm(0);

    endless.send(record(CHANGELOG));

    assertEquals(List.of(CHANGELOG), sentTopics());
  }

  /// Its transition is acknowledged while the sending thread sleeps.
  @Test
  void aPatientRecordWhoseTransitionIsLoggedLateLeavesAlone() throws Exception {
    send(CHANGELOG);
    sendPatient("events");
    awaitSent(CHANGELOG);

    inner.completeNext();

    awaitSent(CHANGELOG, "events");
  }

  @Test
  void aCommitWhileASecondWriterIsSuspectedFails() {
    fences.of(PARTITION).arm(0);
    fences.of(PARTITION).acknowledged(5);
    send("work");

    assertThrows(SecondWriterException.class, producer::flush);
  }

  @Test
  void aFlushReturnsWhenNothingIsHeldAnymore() throws Exception {
    send(CHANGELOG);
    send("work");
    CompletableFuture<Void> flushed = CompletableFuture.runAsync(producer::flush);

    assertTrue(!flushed.isDone());
    inner.completeNext();
    Eventually.await("flushed", LIMIT, flushed::isDone);

    assertEquals(List.of(CHANGELOG, "work"), sentTopics());
  }

  @Test
  void aPatientRecordLeavesWithTheNextOneAndInItsPlace() throws Exception {
    sendPatient("ledger");
    send("results");

    awaitSent("ledger", "results");
    assertTrue(
        inner.history().stream()
            .allMatch(record -> record.headers().lastHeader("sluice-patient") == null));
  }

  @Test
  void aPatientRecordLeavesAloneWhenNobodyJoinsIt() throws Exception {
    sendPatient("ledger");

    awaitSent("ledger");
  }

  @Test
  void aFlushSendsPatientRecordsToo() {
    sendPatient("ledger");

    CompletableFuture<Void> flushed = CompletableFuture.runAsync(producer::flush);

    flushed.orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
    assertEquals(List.of("ledger"), sentTopics());
  }

  @Test
  void aTransitionThatNobodyWaitsForLeavesWithTheNextThatSomebodyDoes() throws Exception {
    endless.send(record(CHANGELOG));
    endless.send(patient("events"));
    assertEquals(List.of(), sentTopics());

    endless.send(record(CHANGELOG));
    endless.send(record("results"));
    assertEquals(List.of(CHANGELOG, CHANGELOG), sentTopics());

    inner.completeNext();
    inner.completeNext();
    awaitSent(CHANGELOG, CHANGELOG, "events", "results");
  }

  @Test
  void aFlushLogsWhatWaits() throws Exception {
    endless.send(record(CHANGELOG));
    endless.send(patient("events"));

    CompletableFuture<Void> flushed = CompletableFuture.runAsync(endless::flush);
    awaitSent(CHANGELOG);
    inner.completeNext();

    flushed.orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
    assertEquals(List.of(CHANGELOG, "events"), sentTopics());
  }

  @Test
  void aTransitionThatIsNotTakenFailsForGoodAndHoldsWhatFollowsFromIt() {
    inner.sendException = new TimeoutException("no room");
    AtomicReference<Exception> told = new AtomicReference<>();
    Future<RecordMetadata> logged =
        endless.send(record(CHANGELOG), (_, failure) -> told.set(failure));
    Future<RecordMetadata> held = endless.send(record("work"));

    assertThrows(ExecutionException.class, logged::get);
    assertEquals(KafkaException.class, told.get().getClass());
    assertEquals(List.of(), sentTopics());
    assertTrue(!held.isDone());
    assertThrows(KafkaException.class, endless::flush);
    assertThrows(KafkaException.class, () -> endless.send(record(CHANGELOG)));
  }

  @Test
  void nothingIsLoggedAfterATransitionThatWasNot() {
    endless.send(record(CHANGELOG));
    Future<RecordMetadata> last = endless.send(record(CHANGELOG));
    inner.sendException = new IllegalStateException("refused");
    CompletableFuture<Void> flushed =
        CompletableFuture.runAsync(() -> assertThrows(KafkaException.class, endless::flush));

    flushed.orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
    inner.sendException = null;
    assertThrows(KafkaException.class, endless::flush);

    assertEquals(List.of(), sentTopics());
    assertThrows(ExecutionException.class, last::get);
  }

  /// As Kafka's own producer tells of a full buffer.
  @Test
  void aFailureIsNeverToldAsATimeout() throws Exception {
    AtomicReference<Exception> told = new AtomicReference<>();
    var _ = producer.send(record(CHANGELOG), (_, failure) -> told.set(failure));
    awaitSent(CHANGELOG);

    inner.errorNext(new TimeoutException("no room"));

    assertEquals(KafkaException.class, told.get().getClass());
  }

  /// What lies in Kafka's buffer behind it must not be logged without it.
  @Test
  void aTransitionThatFailsClosesKafkasProducer() throws Exception {
    send(CHANGELOG);
    awaitSent(CHANGELOG);

    inner.errorNext(new KafkaException("too large"));

    assertTrue(inner.closed());
  }

  @Test
  void anErrorInTheThreadOfOutputsFailsTheCommit() {
    MockProducer<byte[], byte[]> full =
        new MockProducer<>(
            Cluster.empty(), true, null, new ByteArraySerializer(), new ByteArraySerializer()) {
          @Override
          public synchronized Future<RecordMetadata> send(
              ProducerRecord<byte[], byte[]> record, Callback callback) {
            throw new OutOfMemoryError("a test's");
          }
        };
    try (WriteAheadProducer failing = new WriteAheadProducer(full, CHANGELOG::equals, fences)) {
      failing.send(record("work"));
      CompletableFuture<Void> flushed =
          CompletableFuture.runAsync(() -> assertThrows(KafkaException.class, failing::flush));

      flushed.orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
    }
  }

  @Test
  void aClosedProducerDropsWhatIsNotLogged() {
    endless.send(record(CHANGELOG));

    endless.close(Duration.ZERO);

    assertEquals(List.of(), sentTopics());
  }

  private void sendPatient(String topic) {
    var _ = producer.send(patient(topic));
  }
}
