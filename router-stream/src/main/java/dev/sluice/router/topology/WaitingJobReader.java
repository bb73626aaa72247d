package dev.sluice.router.topology;

import dev.sluice.contract.avro.JobPhase;
import dev.sluice.contract.avro.PriorityClass;
import dev.sluice.contract.avro.RouterTransition;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.serde.AvroFields;
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
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  // Four stretches of a record, which most jobs have as the one before had them; between them is
  // what each has for itself.
  private final Part<Origin> origins = new Part<>(WaitingJobReader::origin);
  private final Part<Standing> standings = new Part<>(WaitingJobReader::standing);
  private final Part<Payer> payers = new Part<>(WaitingJobReader::payer);
  private final Part<Wish> wishes = new Part<>(WaitingJobReader::wish);

  private final AvroFields fields = new AvroFields();
  private final long[] positions = new long[Inputs.COUNT];
  private @Nullable Alike alike;
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
    try {
      return serde != null && serde.open(topic, value, fields) ? transition(id, fields) : null;
    } catch (OtherException | RuntimeException e) {
      // What is wrong with it the general way says.
      return null;
    }
  }

  private Job transition(JobId id, AvroFields in) throws OtherException {
    epoch = in.takeLong();
    require(in.takeLong() == Inputs.COUNT);
    for (int i = 0; i < Inputs.COUNT; i++) {
      positions[i] = in.takeLong();
    }
    require(in.takeLong() == 0);
    require(present(in));
    Job job = job(id, in);
    // remembered, joined, use, answer, order, value_use
    nulls(in, 6);
    require(in.isEnd());
    return job;
  }

  /// A stretch of fields with what it said last: where the next record has the same bytes, nothing
  /// of it is read.
  private static final class Part<T> {
    private final Reading<T> reading;
    private final AvroFields.Stretch kept = new AvroFields.Stretch();
    private @Nullable T said;

    Part(Reading<T> reading) {
      this.reading = reading;
    }

    T take(AvroFields in) throws OtherException {
      T known = said;
      if (known != null && in.passes(kept)) {
        return known;
      }
      said = null;
      in.begin(kept);
      T now = reading.of(in);
      in.end(kept);
      said = now;
      return now;
    }
  }

  private interface Reading<T> {
    T of(AvroFields in) throws OtherException;
  }

  /// Whose job it is and where its submission lies.
  private record Origin(String tenant, Priority priority, String model, String topic) {}

  private record Standing(
      boolean stream,
      boolean attached,
      Optional<String> session,
      int transition,
      Instant notBefore,
      Optional<String> holdReason) {}

  private record Payer(Optional<Callback> callback, String keyId) {}

  /// What it asks of limits, and what it was held for.
  private record Wish(
      long maxOutputTokens,
      int choices,
      boolean imposed,
      Map<String, String> tags,
      Optional<String> askedModel,
      Optional<String> holdBy,
      Optional<Instant> heldUntil,
      List<RouteChoice.Rejected> heldRoutes,
      Optional<String> group) {}

  /// What was made of these, one object for all jobs in a row that have the same.
  private record Alike(
      Standing standing,
      Payer payer,
      Wish wish,
      Demand demand,
      Delivery delivery,
      Phase.Waiting phase) {

    /// @param last what the job before waits for: one object for all in a row that wait for the
    ///   same
    static Alike of(
        int replyPartition,
        Standing standing,
        Payer payer,
        Wish wish,
        long inputTokens,
        Phase.Waiting last) {
      Delivery delivery =
          new Delivery(replyPartition, standing.stream(), standing.attached(), payer.callback());
      Optional<Phase.Hold> hold =
          standing
              .holdReason()
              .map(reason ->
                  new Phase.Hold(reason, wish.holdBy(), wish.heldUntil(), wish.heldRoutes()));
      Phase.Waiting phase = new Phase.Waiting(standing.notBefore(), Optional.empty(), hold);
      return new Alike(
          standing,
          payer,
          wish,
          demand(payer, wish, inputTokens),
          delivery.shared(),
          phase.equals(last) ? last : phase.shared());
    }

    private static Demand demand(Payer payer, Wish wish, long inputTokens) {
      return new Demand(
          payer.keyId(),
          wish.tags(),
          inputTokens,
          wish.maxOutputTokens(),
          wish.choices(),
          wish.imposed(),
          wish.askedModel());
    }

    Alike asking(long inputTokens) {
      return new Alike(standing, payer, wish, demand(payer, wish, inputTokens), delivery, phase);
    }

    /// Whether these are the very objects it was made of.
    @SuppressWarnings("ReferenceEquality") // comparing what they say would cost what is saved
    boolean isOf(int replyPartition, Standing other, Payer otherPayer, Wish otherWish) {
      return delivery.replyPartition() == replyPartition
          && standing == other
          && payer == otherPayer
          && wish == otherWish;
    }
  }

  private Job job(JobId id, AvroFields in) throws OtherException {
    Origin origin = origins.take(in);
    LogPosition submission = new LogPosition(origin.topic(), in.takeInt(), in.takeLong());
    in.takeLong(); // created_at: the id says it
    Instant deadline = instant(in);
    int replyPartition = in.takeInt();
    in.takeLong(); // estimated_tokens: for older versions
    Standing standing = standings.take(in);
    Optional<RepeatKey> repeat = repeat(in);
    Payer payer = payers.take(in);
    long inputTokens = in.takeLong();
    require(inputTokens >= 0);
    Wish wish = wishes.take(in);
    if (alike == null || !alike.isOf(replyPartition, standing, payer, wish)) {
      Phase.Waiting last = alike == null ? Phase.Waiting.ITS_TURN : alike.phase();
      alike = Alike.of(replyPartition, standing, payer, wish, inputTokens, last);
    } else if (alike.demand().inputTokens() != inputTokens) {
      alike = alike.asking(inputTokens);
    }
    return new Job(
        id,
        origin.tenant(),
        origin.priority(),
        origin.model(),
        submission,
        deadline,
        alike.demand(),
        alike.delivery(),
        standing.session(),
        wish.group(),
        repeat,
        Job.ownCaller(id, standing.attached()),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        standing.transition(),
        Progress.NONE,
        alike.phase());
  }

  private static Origin origin(AvroFields in) {
    return new Origin(
        in.takeSharedText(),
        PRIORITIES.get(in.takeInt()),
        in.takeSharedText(),
        in.takeSharedText());
  }

  private static Standing standing(AvroFields in) throws OtherException {
    boolean stream = in.takeBoolean();
    boolean attached = in.takeBoolean();
    Optional<String> session = text(in);
    require(in.takeInt() == WAITING);
    int transition = in.takeInt();
    in.takeInt(); // attempt
    in.takeInt(); // release
    nulls(in, 2); // pool, provider_model: of those that wait for a retry
    in.takeLong(); // policy_version
    nulls(in, 1); // route_reason
    Instant notBefore = present(in) ? instant(in) : Instant.EPOCH;
    Optional<String> holdReason = sharedOrNone(in);
    nulls(in, 2); // released_at, worker
    in.takeInt(); // inbox_partition
    in.takeLong(); // claim_id
    nulls(in, 1); // started_at
    require(in.takeLong() == 0); // attempts
    require(present(in) && isZero(in)); // owed
    nulls(in, 6); // status, finished_at, outcome, error, open_call, lost_after_end
    return new Standing(stream, attached, session, transition, notBefore, holdReason);
  }

  private static Payer payer(AvroFields in) throws OtherException {
    nulls(in, 1); // waiting: of those whose callers are not their own alone
    return new Payer(callback(in), in.takeSharedText());
  }

  private static Wish wish(AvroFields in) throws OtherException {
    long maxOutputTokens = present(in) ? in.takeLong() : Demand.UNNAMED;
    int choices = in.takeInt();
    boolean imposed = in.takeBoolean();
    Map<String, String> tags = tags(in);
    Optional<String> askedModel = sharedOrNone(in);
    Optional<String> holdBy = text(in);
    Optional<Instant> heldUntil = present(in) ? Optional.of(instant(in)) : Optional.empty();
    nulls(in, 3); // spent, route_choice, route_facts
    List<RouteChoice.Rejected> heldRoutes = rejected(in);
    nulls(in, 1); // cache
    Optional<String> group = text(in);
    nulls(in, 1); // shadow
    return new Wish(
        maxOutputTokens, choices, imposed, tags, askedModel, holdBy, heldUntil, heldRoutes, group);
  }

  private static Optional<RepeatKey> repeat(AvroFields in) throws OtherException {
    if (!present(in)) {
      return Optional.empty();
    }
    boolean named = in.takeBoolean();
    Digest key = Digest.of(in.takeBytes());
    Digest fingerprint = Digest.of(in.takeBytes());
    return Optional.of(new RepeatKey(named, key, fingerprint, instant(in)));
  }

  private static Optional<Callback> callback(AvroFields in) throws OtherException {
    return present(in)
        ? Optional.of(new Callback(in.takeSharedText(), text(in), text(in)))
        : Optional.empty();
  }

  private static Map<String, String> tags(AvroFields in) throws OtherException {
    long left = count(in);
    if (left == 0) {
      return Map.of();
    }
    Map<String, String> tags = new HashMap<>();
    for (; left > 0; left = count(in)) {
      for (; left > 0; left--) {
        tags.put(in.takeSharedText(), in.takeText());
      }
    }
    return Map.copyOf(tags);
  }

  private static List<RouteChoice.Rejected> rejected(AvroFields in) throws OtherException {
    long left = count(in);
    if (left == 0) {
      return List.of();
    }
    List<RouteChoice.Rejected> rejected = new ArrayList<>();
    for (; left > 0; left = count(in)) {
      for (; left > 0; left--) {
        rejected.add(
            new RouteChoice.Rejected(
                in.takeSharedText(), in.takeSharedText(), in.takeSharedText()));
      }
    }
    return List.copyOf(rejected);
  }

  /// How many entries follow; a negative count has their bytes after it, which nobody here writes.
  private static long count(AvroFields in) throws OtherException {
    long count = in.takeLong();
    require(count >= 0);
    return count;
  }

  private static boolean isZero(AvroFields in) {
    ByteBuffer unscaled = in.takeBytes();
    return unscaled.remaining() == 1 && unscaled.get() == 0;
  }

  private static Instant instant(AvroFields in) {
    return Instant.ofEpochMilli(in.takeLong());
  }

  private static Optional<String> text(AvroFields in) throws OtherException {
    return present(in) ? Optional.of(in.takeText()) : Optional.empty();
  }

  private static Optional<String> sharedOrNone(AvroFields in) throws OtherException {
    return present(in) ? Optional.of(in.takeSharedText()) : Optional.empty();
  }

  /// Whether a field that may be null has a value.
  private static boolean present(AvroFields in) throws OtherException {
    int branch = in.takeInt();
    require(branch == 0 || branch == 1);
    return branch == 1;
  }

  /// So many fields have no value.
  private static void nulls(AvroFields in, int fields) throws OtherException {
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
