package dev.sluice.router.topology;

import dev.sluice.contract.avro.GroupOrder;
import dev.sluice.contract.avro.RouterTransition;
import dev.sluice.contract.model.JobId;
import dev.sluice.router.core.Digest;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.KeptAnswer;
import dev.sluice.router.core.Repeats;
import dev.sluice.router.core.limits.Image;
import dev.sluice.router.core.limits.Limits;
import dev.sluice.router.core.limits.NamedLimit;
import dev.sluice.router.core.limits.ValueImage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/// The changelog of one task as its owner writes it: one record a transition, each with the owner's
/// epoch and the vector of input positions. Takes the log over, and notices when somebody else does
/// (ADR 0003). Owned by the stream thread.
final class TaskLog {
  private static final Duration MARKER_TIMEOUT = Duration.ofSeconds(30);

  /// Low bits of an epoch that keep two owners who took over at once apart.
  private static final int RANDOM_BITS = 20;

  private final KeyValueStore<Bytes, byte[]> store;
  private final TransitionStore raw;
  private final Serde<RouterTransition> serde;
  private final TopicPartition changelog;
  private final Fences fences;
  private final LogReader reader;

  private final long[] positions = new long[Inputs.COUNT];
  private long[] checkpoint = new long[Inputs.COUNT];
  private long epoch;

  TaskLog(
      KeyValueStore<Bytes, byte[]> store,
      TransitionStore raw,
      Serde<RouterTransition> serde,
      TopicPartition changelog,
      Fences fences,
      LogReader reader) {
    this.store = store;
    this.raw = raw;
    this.serde = serde;
    this.changelog = changelog;
    this.fences = fences;
    this.reader = reader;
  }

  /// Becomes the owner: writes the marker, waits for it, and reads what a predecessor wrote between
  /// the end of the restoration and the marker. Returns what the log says at that point.
  TransitionStore.Restored takeOver(RandomGenerator random) {
    TransitionStore.Restored restored = raw.takeRestored();
    epoch =
        (((restored.epoch >>> RANDOM_BITS) + 1) << RANDOM_BITS)
            | random.nextLong(1L << RANDOM_BITS);
    OffsetFence fence = fences.of(changelog);
    fence.arm(restored.nextOffset);
    System.arraycopy(restored.positions, 0, positions, 0, Inputs.COUNT);
    put(TransitionStore.MARKER, null, positions);
    awaitMarker(fence);
    fence.gap().ifPresent(gap -> readPredecessor(restored, gap));
    System.arraycopy(restored.positions, 0, positions, 0, Inputs.COUNT);
    checkpoint = restored.committed.clone();
    for (String key : restored.overwritten) {
      JobId.parse(key).ifPresent(id -> repair(restored, id));
      TransitionStore.tenantOf(key).map(restored.uses::get).ifPresent(this::use);
      TransitionStore.valueOf(key).ifPresent(value -> repair(restored, value));
      if (key.startsWith(TransitionStore.ORDER)) {
        order(key, restored.orders.get(key));
      }
    }
    return restored;
  }

  private void repair(TransitionStore.Restored restored, JobId id) {
    Job job = restored.jobs.job(id);
    Repeats.Remembered kept = restored.remembered.get(id);
    Repeats.Joined repeat = restored.joined.get(id);
    if (job != null) {
      write(job);
    } else if (kept != null) {
      remember(kept);
    } else if (repeat != null) {
      join(repeat);
    } else {
      forget(id);
    }
  }

  private void repair(TransitionStore.Restored restored, NamedLimit value) {
    ValueImage image = restored.values.get(value);
    if (image == null) {
      drop(value);
    } else {
      use(image);
    }
  }

  private void awaitMarker(OffsetFence fence) {
    try {
      if (!fence.awaitFirst(MARKER_TIMEOUT.toMillis())) {
        throw new KafkaException("the owner's marker was not acknowledged in " + MARKER_TIMEOUT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted while taking over", e);
    }
  }

  private void readPredecessor(TransitionStore.Restored restored, OffsetFence.Gap gap) {
    List<org.apache.kafka.clients.consumer.ConsumerRecord<byte[], byte[]>> late = new ArrayList<>();
    reader.scan(changelog, gap.from(), gap.to(), late::add);
    raw.fold(restored, late);
    if (restored.epoch > epoch) {
      throw new SecondWriterException("another router took " + changelog + " over meanwhile");
    }
    fences.close(changelog, gap);
  }

  /// Looks at what somebody else wrote, if anybody did: a successor's record means stop, a
  /// predecessor's late one is written over.
  ///
  /// @param rewrite writes what the state says under a key
  void inspectFence(Consumer<String> rewrite) {
    Optional<OffsetFence.Gap> gap = fences.of(changelog).gap();
    if (gap.isEmpty()) {
      return;
    }
    List<String> late = new ArrayList<>();
    reader.scan(
        changelog,
        gap.get().from(),
        gap.get().to(),
        record -> {
          if (record.value() == null) {
            // It does not say who wrote it; of a value that counts it must not stay.
            String key = new String(record.key(), StandardCharsets.UTF_8);
            TransitionStore.valueOf(key).ifPresent(_ -> late.add(key));
          } else {
            RouterTransition transition =
                serde.deserializer().deserialize(changelog.topic(), record.value());
            if (transition.getEpoch() > epoch) {
              throw new SecondWriterException("another router has taken " + changelog + " over");
            }
            if (transition.getEpoch() < epoch) {
              late.add(new String(record.key(), StandardCharsets.UTF_8));
            }
          }
        });
    late.forEach(rewrite);
    fences.close(changelog, gap.get());
  }

  /// Whether a record of an input is already part of the state.
  boolean isDone(int input, long offset) {
    return offset < positions[input];
  }

  /// The next transition will say that this record is done.
  void reads(int input, long offset) {
    positions[input] = Math.max(positions[input], offset + 1);
  }

  long position(int input) {
    return positions[input];
  }

  long[] positions() {
    return positions.clone();
  }

  void write(Job job) {
    RouterTransition transition = transition(positions);
    transition.setJob(Transitions.image(job));
    store.put(key(job.id().text()), bytes(transition));
  }

  /// Keeps of a job that ended what a repeat must find.
  void remember(Repeats.Remembered job) {
    RouterTransition transition = transition(positions);
    transition.setRemembered(Transitions.remembered(job));
    store.put(key(job.id().text()), bytes(transition));
  }

  /// Notes that a submission is a repeat, until that is delivered.
  void join(Repeats.Joined repeat) {
    RouterTransition transition = transition(positions);
    transition.setJoined(Transitions.joined(repeat));
    store.put(key(repeat.by().text()), bytes(transition));
  }

  /// Keeps what a tenant has used, before the jobs that used it are forgotten.
  void use(Limits limits, String tenant, Instant now) {
    limits.takeUnlogged(tenant, now).forEach(this::use);
    limits.image(tenant, now).ifPresent(this::use);
  }

  private void use(Image image) {
    RouterTransition transition = transition(positions);
    transition.setUse(Uses.tenant(image));
    store.put(key(TransitionStore.USE + image.tenant()), bytes(transition));
  }

  private void use(ValueImage image) {
    RouterTransition transition = transition(positions);
    transition.setValueUse(Uses.value(image));
    store.put(key(TransitionStore.valueKey(image.limit())), bytes(transition));
  }

  /// Keeps the use of a value of a tag no longer.
  void drop(NamedLimit value) {
    store.delete(key(TransitionStore.valueKey(value)));
  }

  /// Keeps what is asked of the jobs of a group.
  ///
  /// @param order null once it is done
  void order(String key, @Nullable GroupOrder order) {
    if (order == null) {
      store.delete(key(key));
      return;
    }
    RouterTransition transition = transition(positions);
    transition.setOrder(order);
    store.put(key(key), bytes(transition));
  }

  /// Keeps an answer beyond its job.
  void keep(KeptAnswer answer) {
    RouterTransition transition = transition(positions);
    transition.setAnswer(CacheRecords.answer(answer));
    store.put(key(TransitionStore.answerKey(answer.key())), bytes(transition));
  }

  /// Keeps the answer of a key no longer.
  void drop(Digest key) {
    store.delete(key(TransitionStore.answerKey(key)));
  }

  void forget(JobId id) {
    store.delete(key(id.text()));
  }

  /// Remembers which inputs a commit covered, whatever jobs are forgotten.
  void checkpoint(long[] committed) {
    if (!java.util.Arrays.equals(committed, checkpoint)) {
      checkpoint = committed.clone();
      put(TransitionStore.COMMITTED, null, committed);
    }
  }

  void close() {
    fences.forget(changelog);
  }

  private void put(String key, @Nullable Job job, long[] at) {
    RouterTransition transition = transition(at);
    transition.setJob(job == null ? null : Transitions.image(job));
    store.put(key(key), bytes(transition));
  }

  private RouterTransition transition(long[] at) {
    RouterTransition transition = new RouterTransition();
    transition.setEpoch(epoch);
    List<Long> vector = new ArrayList<>(Inputs.COUNT);
    for (long position : at) {
      vector.add(position);
    }
    transition.setPositions(vector);
    return transition;
  }

  private byte[] bytes(RouterTransition transition) {
    return serde.serializer().serialize(changelog.topic(), transition);
  }

  private static Bytes key(String text) {
    return Bytes.wrap(Outbox.utf8(text));
  }
}
