package dev.sluice.router.topology;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.avro.Cancel;
import dev.sluice.contract.avro.GroupOrder;
import dev.sluice.contract.avro.PriorityClass;
import dev.sluice.contract.avro.RouterTransition;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Topics;
import dev.sluice.router.core.Digest;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.JobCommand;
import dev.sluice.router.core.JobDecision;
import dev.sluice.router.core.JobMachine;
import dev.sluice.router.core.KeptAnswer;
import dev.sluice.router.core.LogPosition;
import dev.sluice.router.core.Phase;
import dev.sluice.router.core.limits.Limits;
import dev.sluice.testkit.serde.MemorySchemaRegistry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.Test;

/// What a restoration makes of a log.
class TransitionStoreTest {
  private final Serde<RouterTransition> serde =
      RecordSerdes.over(new MemorySchemaRegistry()).forRecord(RouterTransition.class);
  private final TransitionStore store = new TransitionStore(RouterTopology.STORE, serde);
  private final List<ConsumerRecord<byte[], byte[]>> log = new ArrayList<>();

  private static Job job(int number) {
    Submission submission =
        Submission.newBuilder()
            .setJobId(JobId.create(Instant.EPOCH, 0, 0, number).text())
            .setTenant("acme")
            .setPriority(PriorityClass.BATCH)
            .setEndpoint("/v1/chat/completions")
            .setModel("m")
            .setBody(ByteBuffer.allocate(0))
            .setCreatedAt(Instant.EPOCH)
            .setDeadline(Instant.EPOCH)
            .setReplyPartition(0)
            .build();
    return Commands.submitted(
        submission, new LogPosition("sluice.jobs.batch", 0, number), Instant.EPOCH, new Limits());
  }

  private void append(String key, long epoch, List<Long> positions, Job job) {
    RouterTransition transition = new RouterTransition();
    transition.setEpoch(epoch);
    transition.setPositions(positions);
    transition.setJob(job == null ? null : Transitions.image(job));
    add(key, serde.serializer().serialize("log", transition));
  }

  private void add(String key, byte[] value) {
    log.add(
        new ConsumerRecord<>(
            Topics.ROUTER_LOG.name(), 0, log.size(), key.getBytes(StandardCharsets.UTF_8), value));
  }

  private TransitionStore.Restored restore() {
    TransitionStore.Restored restored = new TransitionStore.Restored();
    store.fold(restored, log);
    return restored;
  }

  @Test
  void theLastImageOfEachJobAndTheHighestPositionsSurvive() {
    append("~owner", 1, List.of(0L, 0L, 0L, 0L), null);
    append(job(1).id().text(), 1, List.of(5L, 0L, 0L, 1L), job(1));
    append(job(2).id().text(), 1, List.of(5L, 0L, 0L, 2L), job(2));
    add(job(1).id().text(), null);

    TransitionStore.Restored restored = restore();

    assertEquals(java.util.List.of(job(2)), restored.jobs.jobs().toList());
    assertArrayEquals(new long[] {5, 0, 0, 2}, restored.positions);
    assertEquals(4, restored.nextOffset);
  }

  @Test
  void aRecordOfAnOwnerThatHadBeenReplacedNeverHappenedAndIsWrittenOver() {
    append("~owner", 1, List.of(0L, 0L, 0L, 0L), null);
    append("~owner", 2, List.of(0L, 0L, 0L, 0L), null);
    append(job(1).id().text(), 2, List.of(1L, 0L, 0L, 1L), job(1));
    append(job(1).id().text(), 1, List.of(9L, 9L, 9L, 9L), job(1));

    TransitionStore.Restored restored = restore();

    assertArrayEquals(new long[] {1, 0, 0, 1}, restored.positions);
    assertEquals(List.of(job(1).id().text()), restored.overwritten);
    assertNotNull(restored.jobs.job(job(1).id()));
    assertEquals(2, restored.epoch);
  }

  @Test
  void anAnswerIsKeptUntilItsRecordIsRemoved() {
    KeptAnswer answer =
        new KeptAnswer(
            new Digest(-5, 6),
            job(1).id(),
            Instant.EPOCH.plusSeconds(2),
            Instant.EPOCH,
            Instant.EPOCH.plusSeconds(60),
            Optional.empty());
    String key = TransitionStore.answerKey(answer.key());
    RouterTransition transition = new RouterTransition();
    transition.setEpoch(1);
    transition.setPositions(List.of(1L, 2L, 3L, 4L));
    transition.setAnswer(CacheRecords.answer(answer));
    append(job(1).id().text(), 1, List.of(1L, 0L, 0L, 0L), job(1));
    add(key, serde.serializer().serialize("log", transition));
    add(job(1).id().text(), null);

    assertEquals(java.util.Map.of(answer.key(), answer), restore().answers);
    add(key, null);
    assertEquals(java.util.Map.of(), restore().answers);
  }

  @Test
  void whatIsAskedOfAGroupIsKeptUntilItIsDone() {
    GroupOrder order =
        new GroupOrder("acme", "run", new Cancel("caller"), null, List.of(1L, 0L, 0L, 7L));
    String key = TransitionStore.ORDER + "acme/run";
    RouterTransition transition = new RouterTransition();
    transition.setEpoch(1);
    transition.setPositions(List.of(1L, 0L, 0L, 7L));
    transition.setOrder(order);
    add(key, serde.serializer().serialize("log", transition));

    assertEquals(java.util.Map.of(key, order), restore().orders);
    add(key, null);
    assertEquals(java.util.Map.of(), restore().orders);
  }

  @Test
  void whatACommitCoveredIsRememberedApartFromWhatWasRead() {
    append("~owner", 1, List.of(0L, 0L, 0L, 0L), null);
    append(job(1).id().text(), 1, List.of(9L, 0L, 0L, 1L), job(1));
    append("~committed", 1, List.of(4L, 0L, 0L, 1L), null);

    TransitionStore.Restored restored = restore();

    assertArrayEquals(new long[] {9, 0, 0, 1}, restored.positions);
    assertArrayEquals(new long[] {4, 0, 0, 1}, restored.committed);
    assertTrue(restored.cover(new LogPosition("sluice.commands", 0, 3)));
    assertFalse(restored.cover(new LogPosition("sluice.commands", 0, 4)));
  }

  @Test
  void aRecordIsCoveredOnlyByACommitThatHadReadMoreInputs() {
    append(job(1).id().text(), 1, List.of(3L, 0L, 0L, 1L), changed(1));
    append(job(2).id().text(), 1, List.of(4L, 0L, 0L, 1L), changed(2));
    append("~committed", 1, List.of(4L, 0L, 0L, 1L), null);
    append(job(3).id().text(), 1, List.of(4L, 0L, 0L, 1L), changed(3));

    TransitionStore.Restored restored = restore();

    assertTrue(restored.coverLastRecordOf(job(1)));
    assertFalse(restored.coverLastRecordOf(job(2)));
    assertFalse(restored.coverLastRecordOf(job(3)));
  }

  /// One that has a record besides that of its admission, which its submission answers for.
  private static Job changed(int number) {
    var held = new JobCommand.Hold(Optional.of(Phase.Hold.provider(List.of())));
    var moment = new JobMachine.Moment(Policy.EMPTY, Instant.EPOCH, 0.5);
    return assertInstanceOf(JobDecision.Moves.class, JobMachine.decide(job(number), held, moment))
        .after();
  }

  @Test
  void inputsThatACommitCoveredAreReadThoughNoRecordOfAJobSaysSo() {
    append(job(1).id().text(), 1, List.of(3L, 0L, 0L, 1L), job(1));
    append("~committed", 1, List.of(9L, 0L, 0L, 1L), null);

    assertArrayEquals(new long[] {9, 0, 0, 1}, restore().positions);
  }
}
