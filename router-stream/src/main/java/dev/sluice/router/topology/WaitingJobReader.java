package dev.sluice.router.topology;

import dev.sluice.contract.avro.JobPhase;
import dev.sluice.contract.avro.PriorityClass;
import dev.sluice.contract.avro.RouterTransition;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.serde.AvroSerde;
import dev.sluice.router.core.Callback;
import dev.sluice.router.core.Delivery;
import dev.sluice.router.core.Digest;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.LogPosition;
import dev.sluice.router.core.Phase;
import dev.sluice.router.core.Progress;
import dev.sluice.router.core.RepeatKey;
import dev.sluice.router.core.RouteChoice;
import dev.sluice.router.core.limits.Demand;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.util.Utf8;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;

/// Reads the records that a restart meets by the million: jobs that wait for their first call. From
/// bytes to jobs, field after field as `RouterTransition.avsc` and `JobImage.avsc` have them, with
/// no record between, a quarter of what the general way takes. All others, and all that another
/// version's schema wrote, are left to that way.
///
/// Owned by one thread; holds what one record said until the next is read.
final class WaitingJobReader {
  private static final int WAITING = JobPhase.getClassSchema().getEnumOrdinal("WAITING");

  /// By their places in the schema.
  private static final List<Priority> PRIORITIES =
      PriorityClass.getClassSchema().getEnumSymbols().stream()
          .map(PriorityClass::valueOf)
          .map(Transitions::priority)
          .toList();

  /// A record is not for this reader.
  private static final class OtherException extends Exception {
    private static final long serialVersionUID = 1;

    OtherException() {
      super("not a job that waits for its first call", null, false, false);
    }
  }

  private final @Nullable AvroSerde<RouterTransition> serde;

  /// Texts that many jobs share, by their bytes.
  private final Map<Utf8, String> shared = new HashMap<>();

  private final long[] positions = new long[Inputs.COUNT];
  private Utf8 scratch = new Utf8();
  private Phase.Waiting last = Phase.Waiting.ITS_TURN;
  private @Nullable BinaryDecoder decoder;
  private long epoch;

  WaitingJobReader(Serde<RouterTransition> serde) {
    this.serde = serde instanceof AvroSerde<RouterTransition> avro ? avro : null;
  }

  /// Epoch of the record that was read.
  long epoch() {
    return epoch;
  }

  /// Records of an input that had been read when it was written, count.
  long position(int input) {
    return positions[input];
  }

  /// The job of a record; null when the record is to be read the general way.
  @Nullable Job read(JobId id, String topic, byte[] value) {
    decoder = serde == null ? null : serde.fields(topic, value, decoder);
    if (decoder == null) {
      return null;
    }
    try {
      return transition(id, decoder);
    } catch (OtherException | IOException | RuntimeException e) {
      // What is wrong with it the general way says.
      return null;
    }
  }

  private Job transition(JobId id, BinaryDecoder in) throws IOException, OtherException {
    epoch = in.readLong();
    require(in.readArrayStart() == Inputs.COUNT);
    for (int i = 0; i < Inputs.COUNT; i++) {
      positions[i] = in.readLong();
    }
    require(in.arrayNext() == 0);
    require(present(in));
    Job job = job(id, in);
    // remembered, joined, use, answer, order
    nulls(in, 5);
    require(in.isEnd());
    return job;
  }

  private Job job(JobId id, BinaryDecoder in) throws IOException, OtherException {
    String tenant = shared(in);
    Priority priority = PRIORITIES.get(in.readEnum());
    String model = shared(in);
    LogPosition submission = new LogPosition(shared(in), in.readInt(), in.readLong());
    in.readLong(); // created_at: the id says it
    Instant deadline = instant(in);
    int replyPartition = in.readInt();
    in.readLong(); // estimated_tokens: of older versions
    boolean stream = in.readBoolean();
    boolean attached = in.readBoolean();
    Optional<String> session = text(in);
    require(in.readEnum() == WAITING);
    int transition = in.readInt();
    in.readInt(); // attempt
    in.readInt(); // release
    nulls(in, 2); // pool, provider_model: of those that wait for a retry
    in.readLong(); // policy_version
    nulls(in, 1); // route_reason
    Instant notBefore = present(in) ? instant(in) : Instant.EPOCH;
    Optional<String> holdReason = sharedOrNone(in);
    nulls(in, 2); // released_at, worker
    in.readInt(); // inbox_partition
    in.readLong(); // claim_id
    nulls(in, 1); // started_at
    require(in.readArrayStart() == 0); // attempts
    require(present(in) && isZero(in)); // owed
    nulls(in, 6); // status, finished_at, outcome, error, open_call, lost_after_end
    Optional<RepeatKey> repeat = repeat(in);
    nulls(in, 1); // waiting: of those whose callers are not their own alone
    Optional<Callback> callback = callback(in);
    String keyId = shared(in);
    long inputTokens = in.readLong();
    require(inputTokens >= 0);
    long maxOutputTokens = present(in) ? in.readLong() : Demand.UNNAMED;
    int choices = in.readInt();
    boolean imposed = in.readBoolean();
    Map<String, String> tags = tags(in);
    Optional<String> askedModel = sharedOrNone(in);
    Optional<String> holdBy = text(in);
    Optional<Instant> heldUntil = present(in) ? Optional.of(instant(in)) : Optional.empty();
    nulls(in, 3); // spent, route_choice, route_facts
    List<RouteChoice.Rejected> heldRoutes = rejected(in);
    nulls(in, 1); // cache
    Optional<String> group = text(in);
    nulls(in, 1); // shadow
    return new Job(
        id,
        tenant,
        priority,
        model,
        submission,
        deadline,
        new Demand(keyId, tags, inputTokens, maxOutputTokens, choices, imposed, askedModel),
        new Delivery(replyPartition, stream, attached, callback).shared(),
        session,
        group,
        repeat,
        Job.ownCaller(id, attached),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        transition,
        Progress.NONE,
        phase(
            notBefore,
            holdReason.map(reason -> new Phase.Hold(reason, holdBy, heldUntil, heldRoutes))));
  }

  /// One object for all that wait for the same.
  private Phase.Waiting phase(Instant notBefore, Optional<Phase.Hold> hold) {
    Phase.Waiting waiting = new Phase.Waiting(notBefore, Optional.empty(), hold);
    if (!waiting.equals(last)) {
      last = waiting.shared();
    }
    return last;
  }

  private Optional<RepeatKey> repeat(BinaryDecoder in) throws IOException, OtherException {
    if (!present(in)) {
      return Optional.empty();
    }
    boolean named = in.readBoolean();
    Digest key = Digest.of(in.readBytes(null));
    Digest fingerprint = Digest.of(in.readBytes(null));
    return Optional.of(new RepeatKey(named, key, fingerprint, instant(in)));
  }

  private Optional<Callback> callback(BinaryDecoder in) throws IOException, OtherException {
    return present(in)
        ? Optional.of(new Callback(shared(in), text(in), text(in)))
        : Optional.empty();
  }

  private Map<String, String> tags(BinaryDecoder in) throws IOException {
    long left = in.readMapStart();
    if (left == 0) {
      return Map.of();
    }
    Map<String, String> tags = new HashMap<>();
    for (; left > 0; left = in.mapNext()) {
      for (; left > 0; left--) {
        tags.put(shared(in), in.readString());
      }
    }
    return tags;
  }

  private List<RouteChoice.Rejected> rejected(BinaryDecoder in) throws IOException {
    long left = in.readArrayStart();
    if (left == 0) {
      return List.of();
    }
    List<RouteChoice.Rejected> rejected = new ArrayList<>();
    for (; left > 0; left = in.arrayNext()) {
      for (; left > 0; left--) {
        rejected.add(new RouteChoice.Rejected(shared(in), shared(in), shared(in)));
      }
    }
    return rejected;
  }

  private static boolean isZero(BinaryDecoder in) throws IOException {
    ByteBuffer unscaled = in.readBytes(null);
    return unscaled.remaining() == 1 && unscaled.get(0) == 0;
  }

  private static Instant instant(BinaryDecoder in) throws IOException {
    return Instant.ofEpochMilli(in.readLong());
  }

  private static Optional<String> text(BinaryDecoder in) throws IOException, OtherException {
    return present(in) ? Optional.of(in.readString()) : Optional.empty();
  }

  private Optional<String> sharedOrNone(BinaryDecoder in) throws IOException, OtherException {
    return present(in) ? Optional.of(shared(in)) : Optional.empty();
  }

  /// One text for all jobs that say the same.
  private String shared(BinaryDecoder in) throws IOException {
    scratch = in.readString(scratch);
    String known = shared.get(scratch);
    if (known == null) {
      known = Transitions.shared(scratch.toString());
      shared.put(new Utf8(scratch), known);
    }
    return known;
  }

  /// Whether a field that may be null has a value.
  private static boolean present(BinaryDecoder in) throws IOException, OtherException {
    int branch = in.readIndex();
    require(branch == 0 || branch == 1);
    return branch == 1;
  }

  /// So many fields have no value.
  private static void nulls(BinaryDecoder in, int fields) throws IOException, OtherException {
    for (int i = 0; i < fields; i++) {
      require(!present(in));
    }
  }

  private static void require(boolean known) throws OtherException {
    if (!known) {
      throw new OtherException();
    }
  }
}
