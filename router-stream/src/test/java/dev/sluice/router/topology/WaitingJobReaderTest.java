package dev.sluice.router.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.avro.RememberedJob;
import dev.sluice.contract.avro.RouterTransition;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.serde.AvroSerde;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.router.core.Attempt;
import dev.sluice.router.core.CacheUse;
import dev.sluice.router.core.Callback;
import dev.sluice.router.core.Delivery;
import dev.sluice.router.core.Digest;
import dev.sluice.router.core.FailureCause;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.LogPosition;
import dev.sluice.router.core.Phase;
import dev.sluice.router.core.Placement;
import dev.sluice.router.core.Progress;
import dev.sluice.router.core.RepeatKey;
import dev.sluice.router.core.RouteChoice;
import dev.sluice.router.core.RouteFacts;
import dev.sluice.router.core.Shadow;
import dev.sluice.router.core.limits.Demand;
import dev.sluice.testkit.serde.MemorySchemaRegistry;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Supplier;
import org.apache.avro.Schema;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The fast way of reading jobs that wait says what the general way says, or nothing.
class WaitingJobReaderTest {
  private static final Instant NOW = Instant.parse("2026-11-21T08:00:00.123Z");
  private static final Placement PLACE = new Placement("p", "x", 3, "weighted");
  private static final int JOBS = 2_000;

  private final Serde<RouterTransition> serde =
      RecordSerdes.over(new MemorySchemaRegistry()).forRecord(RouterTransition.class);
  private final WaitingJobReader reader = new WaitingJobReader(serde);

  private static <T> Optional<T> maybe(Random random, Supplier<T> value) {
    return random.nextInt(3) == 0 ? Optional.of(value.get()) : Optional.empty();
  }

  /// A job that waits for its first call, with all that such a one may have.
  private static Job waiting(Random random) {
    JobId id = JobId.create(NOW.plusMillis(random.nextInt(1_000)), 3, 0, random.nextLong());
    boolean attached = random.nextBoolean();
    List<RouteChoice.Rejected> rejected =
        random.nextBoolean()
            ? List.of()
            : List.of(
                new RouteChoice.Rejected("q", "y", "down"),
                new RouteChoice.Rejected("r", "y", "dear"));
    Optional<Phase.Hold> hold =
        maybe(
            random,
            () ->
                new Phase.Hold(
                    "rate",
                    maybe(random, () -> "requests/PT1M"),
                    maybe(random, () -> NOW.plusSeconds(random.nextInt(3))),
                    rejected));
    return new Job(
        id,
        "tenant-" + random.nextInt(20),
        Priority.values()[random.nextInt(3)],
        "m" + random.nextInt(3),
        new LogPosition("sluice.jobs.batch", random.nextInt(4), random.nextInt(1 << 30)),
        NOW.plusSeconds(random.nextInt(1 << 20)),
        new Demand(
            random.nextBoolean() ? "" : "ключ",
            random.nextBoolean() ? Map.of() : Map.of("project", "x", "user", "" + random.nextInt()),
            random.nextInt(1 << 20),
            random.nextBoolean() ? Demand.UNNAMED : random.nextInt(1 << 20),
            1 + random.nextInt(3),
            random.nextBoolean(),
            maybe(random, () -> "dear")),
        new Delivery(
            random.nextInt(8),
            random.nextBoolean(),
            attached,
            maybe(
                random,
                () ->
                    new Callback(
                        "/v1/jobs",
                        maybe(random, () -> "https://a.example/" + random.nextInt()),
                        maybe(random, () -> "s")))),
        maybe(random, () -> "session-" + random.nextInt()),
        maybe(random, () -> "run-7"),
        maybe(
            random,
            () -> RepeatKey.named("acme", "k" + random.nextInt(), ByteBuffer.allocate(32), NOW)),
        Job.ownCaller(id, attached),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        1 + random.nextInt(1 << 20),
        Progress.NONE,
        new Phase.Waiting(
            random.nextBoolean() ? Instant.EPOCH : NOW.plusSeconds(random.nextInt(2)),
            Optional.empty(),
            hold));
  }

  /// The same with one thing that only others have.
  private static Job other(Random random, Job job) {
    int what = random.nextInt(8);
    return new Job(
        job.id(),
        job.tenant(),
        job.priority(),
        job.model(),
        job.submission(),
        job.deadline(),
        job.demand(),
        job.delivery(),
        job.session(),
        job.group(),
        job.repeat(),
        what == 0 ? List.of(job.id(), job.id().derived(1)) : job.waiting(),
        what == 1
            ? Optional.of(
                CacheUse.wished(CacheUse.Mode.USE, new Digest(1, -2), Duration.ofMinutes(3))
                    .under(new Digest(-3, 4)))
            : Optional.empty(),
        what == 2
            ? Optional.of(
                new RouteFacts("/v1/embeddings", 1, OptionalLong.empty(), Map.of(), Map.of()))
            : Optional.empty(),
        what == 3 ? Optional.of(new Shadow.CopyOf(job.id().derived(0))) : Optional.empty(),
        job.transition(),
        new Progress(
            what == 4 ? List.of(refused()) : List.of(),
            Optional.of(what == 5 ? new BigDecimal("0.000000000012") : BigDecimal.ZERO),
            Optional.empty(),
            Optional.empty()),
        switch (what) {
          case 6 -> new Phase.Waiting(NOW, Optional.of(PLACE), Optional.empty());
          case 7 -> new Phase.Released(PLACE, 1, 1, NOW);
          default -> job.phase();
        });
  }

  private static Attempt refused() {
    return new Attempt(
        1,
        "p",
        "x",
        5,
        FailureCause.DOWN,
        Optional.empty(),
        0,
        Optional.empty(),
        NOW,
        Optional.of(new LogPosition("sluice.commands", 0, 30)));
  }

  private static RouterTransition transition(Job job) {
    RouterTransition transition = new RouterTransition();
    transition.setEpoch(1L << 40);
    transition.setPositions(List.of(5L, 1L << 33, 0L, 9L));
    transition.setJob(Transitions.image(job));
    return transition;
  }

  private byte[] bytes(RouterTransition transition) {
    return serde.serializer().serialize("log", transition);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8})
  void whoWaitsForItsFirstCallIsReadAsTheGeneralWayReadsIt(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < JOBS; i++) {
      Job job = waiting(random);
      byte[] bytes = bytes(transition(job));

      Job read = reader.read(job.id(), "log", bytes);

      assertEquals(job, read, "seed " + seed);
      assertEquals(
          read,
          Transitions.job(job.id(), serde.deserializer().deserialize("log", bytes).getJob()),
          "seed " + seed);
      assertEquals(1L << 40, reader.epoch());
      assertEquals(1L << 33, reader.position(1));
    }
  }

  private static <T> T either(Random random, T before, T now) {
    return random.nextInt(8) == 0 ? now : before;
  }

  /// A job like the one before it but for a few things.
  private static Job alike(Random random, Job before) {
    Job now = waiting(random);
    Demand had = before.demand();
    Demand has = now.demand();
    Delivery delivery =
        new Delivery(
            either(random, before.delivery(), now.delivery()).replyPartition(),
            either(random, before.delivery(), now.delivery()).stream(),
            either(random, before.delivery(), now.delivery()).attached(),
            either(random, before.delivery(), now.delivery()).callback());
    return new Job(
        now.id(),
        either(random, before.tenant(), now.tenant()),
        either(random, before.priority(), now.priority()),
        either(random, before.model(), now.model()),
        now.submission(),
        now.deadline(),
        new Demand(
            either(random, had.keyId(), has.keyId()),
            either(random, had.tags(), has.tags()),
            either(random, had.inputTokens(), has.inputTokens()),
            either(random, had.maxOutputTokens(), has.maxOutputTokens()),
            either(random, had.choices(), has.choices()),
            either(random, had.imposed(), has.imposed()),
            either(random, had.askedModel(), has.askedModel())),
        delivery,
        either(random, before.session(), now.session()),
        either(random, before.group(), now.group()),
        either(random, before.repeat(), now.repeat()),
        Job.ownCaller(now.id(), delivery.attached()),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        either(random, before.transition(), now.transition()),
        Progress.NONE,
        either(random, before.phase(), now.phase()));
  }

  /// What one record has as the one before had it is not read again, whatever lies between them.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8})
  void jobsThatDifferInFewThingsAreReadAsTheyAre(long seed) {
    Random random = new Random(seed);
    Job job = waiting(random);
    Job before = job;
    int shared = 0;
    for (int i = 0; i < JOBS; i++) {
      job = alike(random, job);
      byte[] bytes = bytes(transition(job));
      switch (random.nextInt(8)) {
        case 0 -> {
          int length = 5 + random.nextInt(bytes.length - 5);
          assertNull(reader.read(job.id(), "log", Arrays.copyOf(bytes, length)));
        }
        case 1 -> {
          Job other = other(random, alike(random, job));
          assertNull(reader.read(other.id(), "log", bytes(transition(other))));
        }
        default -> {}
      }

      Job read = reader.read(job.id(), "log", bytes);

      assertEquals(job, read, "seed " + seed);
      shared += read != null && read.demand() == before.demand() ? 1 : 0;
      before = read == null ? before : read;
    }
    assertTrue(shared > JOBS / 20, "nothing is shared: " + shared);
  }

  @Test
  void jobsInARowThatAreHeldForTheSameShareWhatTheyWaitFor() {
    Random random = new Random(1);
    Job first = waiting(random);
    while (((Phase.Waiting) first.phase()).hold().isEmpty()) {
      first = waiting(random);
    }
    Job second = alike(random, first);
    while (second.demand().equals(first.demand()) || !second.phase().equals(first.phase())) {
      second = alike(random, first);
    }

    Job one = reader.read(first.id(), "log", bytes(transition(first)));
    Job two = reader.read(second.id(), "log", bytes(transition(second)));

    assertEquals(second, two);
    assertSame(one == null ? null : one.phase(), two == null ? null : two.phase());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8})
  void allOthersAreLeftToTheGeneralWay(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < JOBS; i++) {
      Job job = other(random, waiting(random));

      assertNull(reader.read(job.id(), "log", bytes(transition(job))), () -> "read: " + job);
    }
  }

  @Test
  void whoseRecordSaysMoreThanAJobIsLeftToTheGeneralWay() {
    Job job = waiting(new Random(1));
    RouterTransition more = transition(job);
    more.setRemembered(
        new RememberedJob(
            new dev.sluice.contract.avro.RepeatKey(
                true, ByteBuffer.allocate(16), ByteBuffer.allocate(16), NOW),
            NOW));

    assertNull(reader.read(job.id(), "log", bytes(more)));
  }

  @Test
  void damagedRecordsAreLeftToTheGeneralWay() {
    Job job = waiting(new Random(1));
    byte[] bytes = bytes(transition(job));
    for (int length = 5; length < bytes.length; length++) {
      assertNull(reader.read(job.id(), "log", Arrays.copyOf(bytes, length)));
    }
    assertNull(reader.read(job.id(), "log", Arrays.copyOf(bytes, bytes.length + 1)));
    assertNotNull(reader.read(job.id(), "log", bytes));
  }

  /// Whatever a byte becomes: what is read is what the general way reads.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void changedRecordsAreReadAsTheGeneralWayReadsThemOrNotAtAll(long seed) {
    Random random = new Random(seed);
    int read = 0;
    for (int i = 0; i < 20_000; i++) {
      Job job = waiting(random);
      byte[] bytes = bytes(transition(job));
      bytes[5 + random.nextInt(bytes.length - 5)] = (byte) random.nextInt();

      Job fast = reader.read(job.id(), "log", bytes);

      if (fast != null) {
        RouterTransition whole = serde.deserializer().deserialize("log", bytes);
        assertEquals(Transitions.job(job.id(), whole.getJob()), fast, "seed " + seed);
        assertEquals(whole.getEpoch(), reader.epoch());
        read++;
      }
    }
    assertTrue(read > 1_000, "only " + read + " read");
  }

  /// A version before this one had another schema under another id.
  @Test
  void whatAnotherSchemaWroteIsLeftToTheGeneralWay() {
    MemorySchemaRegistry registry = new MemorySchemaRegistry();
    Schema older =
        new Schema.Parser()
            .parse(
                RouterTransition.getClassSchema().toString().replace("held_routes", "held_ways"));
    assertEquals(1, registry.register("log-value", older));
    AvroSerde<RouterTransition> both = new AvroSerde<>(RouterTransition.class, registry);
    Job job = waiting(new Random(1));
    byte[] own = both.serialize("log", transition(job));
    byte[] theirs = own.clone();
    theirs[4] = 1;
    WaitingJobReader careful = new WaitingJobReader(both);

    assertNull(careful.read(job.id(), "log", theirs));
    assertEquals(job, careful.read(job.id(), "log", own));
  }
}
