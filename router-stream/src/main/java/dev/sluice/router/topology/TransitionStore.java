package dev.sluice.router.topology;

import dev.sluice.contract.avro.GroupOrder;
import dev.sluice.contract.avro.RouterTransition;
import dev.sluice.contract.model.JobId;
import dev.sluice.router.core.Digest;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.JobTable;
import dev.sluice.router.core.KeptAnswer;
import dev.sluice.router.core.LogPosition;
import dev.sluice.router.core.Repeats;
import dev.sluice.router.core.ResendPolicy;
import dev.sluice.router.core.limits.Image;
import dev.sluice.router.core.limits.NamedLimit;
import dev.sluice.router.core.limits.ValueImage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntToLongFunction;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.internals.RecordBatchingStateRestoreCallback;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/// The door to a task's changelog. What is put goes to the log (Streams wraps this store with its
/// change logging) and is not kept: the live state is `TaskState`. What is restored is folded here
/// into the jobs that the task takes over.
///
/// Reading rule: a record whose epoch is lower than one before it was written by a predecessor that
/// did not know it had been replaced; it never happened. Owned by the stream thread, after the
/// restore thread has handed it over.
class TransitionStore implements KeyValueStore<Bytes, byte[]> {

  /// Key of the marker that a new owner writes first.
  static final String MARKER = "~owner";

  /// Key of the record that remembers which inputs are committed.
  static final String COMMITTED = "~committed";

  /// Keys begin so of what is kept of a tenant's use.
  static final String USE = "~use/";

  /// The tenant whose use is kept under a key; empty for other keys.
  static Optional<String> tenantOf(String key) {
    return key.startsWith(USE) ? Optional.of(key.substring(USE.length())) : Optional.empty();
  }

  private static final String VALUE = "~value/";

  /// Key of the record of what a value of a tag has used of a limit.
  static String valueKey(NamedLimit value) {
    return VALUE + value.tenant() + "|" + value.name();
  }

  /// The limit that a value's use is kept of under a key; empty for other keys.
  static Optional<NamedLimit> valueOf(String key) {
    int end = key.indexOf('|');
    return key.startsWith(VALUE) && end > 0
        ? Optional.of(new NamedLimit(key.substring(VALUE.length(), end), key.substring(end + 1)))
        : Optional.empty();
  }

  /// Keys begin so of what is asked of the jobs of a group.
  static final String ORDER = "~order/";

  private static final String ANSWER = "=";

  /// Key of the record of an answer that is kept.
  static String answerKey(Digest key) {
    return ANSWER + HexFormat.of().toHexDigits(key.high()) + HexFormat.of().toHexDigits(key.low());
  }

  private static Optional<Digest> answerKey(String text) {
    return text.startsWith(ANSWER) && text.length() == ANSWER.length() + 32
        ? Optional.of(
            new Digest(
                HexFormat.fromHexDigitsToLong(text, 1, 17),
                HexFormat.fromHexDigitsToLong(text, 17, 33)))
        : Optional.empty();
  }

  /// What a changelog says, read from the start.
  static final class Restored implements ResendPolicy.Commits {
    final JobTable jobs = new JobTable();

    /// Records of all inputs that had been read when the last record of a job was written, count;
    /// of those that have more than one, or that no submission of their own made.
    private final Map<JobId, Long> inputsRead = new HashMap<>();

    /// What is kept of jobs that ended.
    final Map<JobId, Repeats.Remembered> remembered = new HashMap<>();

    /// Repeats whose answer may not be delivered.
    final Map<JobId, Repeats.Joined> joined = new HashMap<>();

    /// What is kept of tenants' use.
    final Map<String, Image> uses = new HashMap<>();

    /// The same of values of tags.
    final Map<NamedLimit, ValueImage> values = new HashMap<>();

    /// Answers that are kept beyond their jobs.
    final Map<Digest, KeptAnswer> answers = new HashMap<>();

    /// What is asked of groups and not done yet, by its key.
    final Map<String, GroupOrder> orders = new LinkedHashMap<>();

    final long[] positions = new long[Inputs.COUNT];
    final long[] committed = new long[Inputs.COUNT];
    long epoch;
    long nextOffset;

    /// Keys whose last record never happened: they must be written again.
    final List<String> overwritten = new ArrayList<>();

    private void forget(JobId id) {
      jobs.forget(id);
      inputsRead.remove(id);
      remembered.remove(id);
      joined.remove(id);
    }

    /// Whether a record counts: not one of an owner that had been replaced.
    private boolean happened(long by, String key) {
      if (by < epoch) {
        overwritten.add(key);
        return false;
      }
      epoch = by;
      return true;
    }

    /// Takes the position vector of a record.
    ///
    /// @return records of all inputs that had been read by then, count
    private long read(IntToLongFunction vector) {
      long read = 0;
      for (int i = 0; i < Inputs.COUNT; i++) {
        positions[i] = Math.max(positions[i], vector.applyAsLong(i));
        read += vector.applyAsLong(i);
      }
      return read;
    }

    private void commit(IntToLongFunction vector) {
      for (int i = 0; i < Inputs.COUNT; i++) {
        committed[i] = Math.max(committed[i], vector.applyAsLong(i));
      }
    }

    private void take(JobId id, RouterTransition transition, long read) {
      if (transition.getJob() != null) {
        take(Transitions.job(id, transition.getJob()), read);
        return;
      }
      forget(id);
      if (transition.getRemembered() != null) {
        remembered.put(id, Transitions.remembered(id, transition.getRemembered()));
      } else if (transition.getJoined() != null) {
        joined.put(id, Transitions.joined(id, transition.getJoined()));
      }
    }

    private void take(Job job, long read) {
      remembered.remove(job.id());
      joined.remove(job.id());
      jobs.put(job);
      if (job.transition() > 1 || job.isCopy()) {
        inputsRead.put(job.id(), read);
      }
    }

    @Override
    public boolean cover(LogPosition input) {
      return input.offset() < committed[Inputs.index(input.topic())];
    }

    /// A record written after a commit may have read no more than the commit covered; one that had
    /// read less was surely written before it.
    @Override
    public boolean coverLastRecordOf(Job job) {
      Long read = inputsRead.get(job.id());
      return read != null && read < sum(committed);
    }

    private static long sum(long[] counts) {
      long sum = 0;
      for (long count : counts) {
        sum += count;
      }
      return sum;
    }
  }

  private final String name;
  private final Serde<RouterTransition> serde;
  private WaitingJobReader waitingJobs;
  private Restored restored = new Restored();
  private boolean open;
  private Runnable onCommit = () -> {};

  TransitionStore(String name, Serde<RouterTransition> serde) {
    this.name = name;
    this.serde = serde;
    waitingJobs = new WaitingJobReader(serde);
  }

  /// Hands over what was restored.
  Restored takeRestored() {
    Restored taken = restored;
    restored = new Restored();
    // What it remembers of texts goes with it.
    waitingJobs = new WaitingJobReader(serde);
    return taken;
  }

  /// Called after each commit: everything sent before it is delivered.
  void onCommit(Runnable listener) {
    onCommit = listener;
  }

  @Override
  public void init(StateStoreContext context, StateStore root) {
    context.register(
        root,
        (RecordBatchingStateRestoreCallback) records -> fold(restored, records),
        () -> onCommit.run());
    open = true;
  }

  /// Folds log records, in order, into what the log says.
  void fold(Restored into, Collection<ConsumerRecord<byte[], byte[]>> records) {
    for (ConsumerRecord<byte[], byte[]> record : records) {
      fold(into, record);
    }
  }

  /// On its own, since a JVM compiles soon what is called often, and what loops much later.
  private void fold(Restored into, ConsumerRecord<byte[], byte[]> record) {
    into.nextOffset = record.offset() + 1;
    String key = new String(record.key(), StandardCharsets.UTF_8);
    Optional<JobId> id = JobId.parse(key);
    if (record.value() == null) {
      id.ifPresent(into::forget);
      answerKey(key).ifPresent(into.answers::remove);
      into.orders.remove(key);
      valueOf(key).ifPresent(into.values::remove);
      return;
    }
    Job waiting = id.isPresent() ? waitingJobs.read(id.get(), name, record.value()) : null;
    if (waiting != null) {
      if (into.happened(waitingJobs.epoch(), key)) {
        into.take(waiting, into.read(waitingJobs::position));
      }
      return;
    }
    RouterTransition transition = serde.deserializer().deserialize(name, record.value());
    if (into.happened(transition.getEpoch(), key)) {
      take(into, key, id, transition);
    }
  }

  private static void take(
      Restored into, String key, Optional<JobId> id, RouterTransition transition) {
    long read = into.read(transition.getPositions()::get);
    if (key.equals(COMMITTED)) {
      into.commit(transition.getPositions()::get);
    }
    if (id.isPresent()) {
      into.take(id.get(), transition, read);
    } else if (transition.getUse() != null) {
      into.uses.put(transition.getUse().getTenant(), Uses.tenant(transition.getUse()));
    } else if (transition.getValueUse() != null) {
      ValueImage image = Uses.value(transition.getValueUse());
      into.values.put(image.limit(), image);
    } else if (transition.getOrder() != null) {
      into.orders.put(key, transition.getOrder());
    } else if (transition.getAnswer() != null) {
      answerKey(key)
          .ifPresent(
              known -> into.answers.put(known, CacheRecords.answer(known, transition.getAnswer())));
    }
  }

  @Override
  public void put(Bytes key, byte[] value) {
    // The change logger around this store writes it.
  }

  @Override
  public byte @Nullable [] putIfAbsent(Bytes key, byte[] value) {
    return null;
  }

  @Override
  public void putAll(List<KeyValue<Bytes, byte[]>> entries) {
    // As put.
  }

  @Override
  public byte @Nullable [] delete(Bytes key) {
    return null;
  }

  @Override
  public byte @Nullable [] get(Bytes key) {
    return null;
  }

  @Override
  public KeyValueIterator<Bytes, byte[]> range(@Nullable Bytes from, @Nullable Bytes to) {
    return new Nothing();
  }

  @Override
  public KeyValueIterator<Bytes, byte[]> all() {
    return new Nothing();
  }

  @Override
  public long approximateNumEntries() {
    return 0;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void close() {
    open = false;
  }

  @Override
  public boolean persistent() {
    return false;
  }

  @Override
  public Position getPosition() {
    return Position.emptyPosition();
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  private static final class Nothing implements KeyValueIterator<Bytes, byte[]> {
    @Override
    public void close() {
      // Holds nothing.
    }

    @Override
    public Bytes peekNextKey() {
      throw new java.util.NoSuchElementException();
    }

    @Override
    public boolean hasNext() {
      return false;
    }

    @Override
    public KeyValue<Bytes, byte[]> next() {
      throw new java.util.NoSuchElementException();
    }
  }
}
