package dev.sluice.runtime.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.serde.CompatibilityLevel;
import dev.sluice.contract.serde.SchemaRegistryException;
import dev.sluice.runtime.registry.MemorySchemaLog.Fault;
import dev.sluice.runtime.registry.SchemaVersion.Visibility;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LogSchemaRegistryTest {
  private static final Schema A = record("A", "a");
  private static final Schema B = record("B", "b");
  private static final Schema A2 = record("A", "a", "b");

  private final MemorySchemaLog log = new MemorySchemaLog();
  private final LogSchemaRegistry registry = LogSchemaRegistry.open(log);

  @Test
  void givesASchemaOneIdInAllSubjects() {
    int id = registry.register("s", A);

    assertEquals(id, registry.register("s", A));
    assertEquals(id, registry.register("t", A));
    assertNotEquals(id, registry.register("u", B));
    assertEquals(A, registry.byId(id));
  }

  @Test
  void writesNothingForASchemaItHolds() {
    registry.register("s", A);
    int written = log.lines.size();

    registry.register("s", A);

    assertEquals(written, log.lines.size());
  }

  @Test
  void asksForFullTransitiveCompatibilityUnlessToldOtherwise() {
    registry.register("s", A);
    registry.register("s", A2);

    assertEquals(409, refusal(() -> registry.register("s", record("A"))));
    assertEquals(409, refusal(() -> registry.register("s", B)));
    registry.setLevel("s", CompatibilityLevel.NONE);

    assertEquals(3, registry.register("s", B));
  }

  @Test
  void knowsWhatAnotherProcessHasRegisteredMeanwhile() {
    var other = LogSchemaRegistry.open(log);
    int id = other.register("s", A);

    assertEquals(A, registry.byId(id));
  }

  @Test
  void remembersEverythingAfterARestart() {
    int a = registry.register("s", A);
    int a2 = registry.register("s", A2);
    registry.setLevel("s", CompatibilityLevel.BACKWARD);
    registry.setVisibility(
        registry.catalog().versions("s", false).subList(0, 1), Visibility.DELETED);

    var restarted = LogSchemaRegistry.open(log);

    assertEquals(A, restarted.byId(a));
    assertEquals(A2, restarted.byId(a2));
    assertEquals(CompatibilityLevel.BACKWARD, restarted.effectiveLevel("s"));
    assertEquals(1, restarted.catalog().versions("s", false).size());
    assertEquals(2, restarted.catalog().versions("s", true).size());
  }

  @Test
  void keepsAnIdReadableAndUnusedAfterPermanentDeletion() {
    int id = registry.register("s", A);
    registry.setVisibility(registry.catalog().versions("s", false), Visibility.DELETED);
    registry.setVisibility(registry.catalog().versions("s", true), Visibility.PURGED);
    log.compact();
    var restarted = LogSchemaRegistry.open(log);

    int other = restarted.register("s", B);

    assertEquals(A, restarted.byId(id));
    assertNotEquals(id, other);
    assertEquals(2, restarted.catalog().versions("s", true).getLast().version());
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"REFUSED", "WRITTEN_UNANSWERED"})
  void recoversFromAWriteWhoseFateIsUnknown(Fault fault) {
    registry.register("s", A);
    log.failNext(fault);

    assertEquals(50001, refusal(() -> registry.register("s", A2)));
    int second = registry.register("s", A2);

    assertEquals(2, registry.catalog().versions("s", false).size());
    assertEquals(A2, LogSchemaRegistry.open(log).byId(second));
  }

  @Test
  void agreesWithASecondWriterWhoTookTheSameId() {
    var other = LogSchemaRegistry.open(log);
    int id = registry.register("s", A);

    int otherId = other.register("s", A2);

    assertNotEquals(id, otherId);
    log.compact();
    var restarted = LogSchemaRegistry.open(log);
    assertEquals(A, restarted.byId(id));
    assertEquals(A2, restarted.byId(otherId));
    assertEquals(
        List.of(id, otherId),
        restarted.catalog().versions("s", false).stream().map(SchemaVersion::id).toList());
  }

  @Test
  void agreesWithASecondWriterInAnotherSubject() {
    var other = LogSchemaRegistry.open(log);
    int id = registry.register("s", A);

    int otherId = other.register("t", B);
    registry.setVisibility(registry.catalog().versions("s", false), Visibility.DELETED);
    log.compact();

    var restarted = LogSchemaRegistry.open(log);
    assertEquals(A, restarted.byId(id));
    assertEquals(B, restarted.byId(otherId));
  }

  @Test
  void refusesWhatIsNoAvro() {
    assertEquals(42201, refusal(() -> registry.register("s", "{nonsense")));
    assertEquals(42201, refusal(() -> registry.register("s", "{\"type\":\"recrd\"}")));
    assertEquals(42208, refusal(() -> registry.register(" ", A)));
    assertEquals(40403, refusal(() -> registry.byId(99)));
    assertTrue(log.lines.isEmpty());
  }

  @Test
  void givesOneIdToWritersAtTheSameTime() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Integer>> calls =
          IntStream.range(0, 64)
              .<Callable<Integer>>mapToObj(i -> () -> registry.register("s" + i % 4, A))
              .toList();
      var ids = new TreeSet<Integer>();
      for (var answer : threads.invokeAll(calls)) {
        ids.add(answer.get());
      }

      assertEquals(1, ids.size());
      assertEquals(4, log.lines.size());
    }
  }

  /// Crash at any point, compaction at any time, a second writer now and then: what an id meant
  /// when it was given out, it means for ever.
  @Test
  void neverChangesTheMeaningOfAnIdItGaveOut() {
    for (long seed = 1; seed <= 200; seed++) {
      RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
      var shared = new MemorySchemaLog();
      Map<Integer, Schema> given = new HashMap<>();
      var writers = new LogSchemaRegistry[2];
      for (int step = 0; step < 60; step++) {
        int turn = random.nextInt(2);
        if (writers[turn] == null || random.nextInt(8) == 0) {
          writers[turn] = opened(shared);
        }
        switch (random.nextInt(10)) {
          case 0 -> shared.failNext(Fault.values()[random.nextInt(3)]);
          case 1 -> shared.compact();
          case 2 -> delete(writers[turn], "s" + random.nextInt(3), random.nextBoolean());
          default -> {
            String subject = "s" + random.nextInt(3);
            Schema schema = record("R", "f" + random.nextInt(6));
            try {
              int id = writers[turn].register(subject, schema);
              Schema before = given.putIfAbsent(id, schema);
              assertTrue(before == null || before.equals(schema), "seed " + seed + " id " + id);
            } catch (SchemaRegistryException e) {
              assertEquals(50001, e.errorCode(), "seed " + seed + ": " + e.getMessage());
            }
          }
        }
      }
      shared.failNext(Fault.NONE);
      var restarted = LogSchemaRegistry.open(shared);
      long at = seed;
      given.forEach((id, schema) -> assertEquals(schema, restarted.byId(id), "seed " + at));
    }
  }

  /// A start that meets a broken log is tried again.
  private static LogSchemaRegistry opened(MemorySchemaLog shared) {
    try {
      return LogSchemaRegistry.open(shared);
    } catch (SchemaRegistryException e) {
      assertEquals(50001, e.errorCode());
      return LogSchemaRegistry.open(shared);
    }
  }

  private static void delete(LogSchemaRegistry registry, String subject, boolean purge) {
    try {
      registry.setVisibility(
          registry.catalog().versions(subject, purge),
          purge ? Visibility.PURGED : Visibility.DELETED);
    } catch (SchemaRegistryException e) {
      assertEquals(50001, e.errorCode());
    }
  }

  private static int refusal(Runnable call) {
    return assertThrows(SchemaRegistryException.class, call::run).errorCode();
  }

  private static Schema record(String name, String... optionalFields) {
    var fields = SchemaBuilder.record(name).fields().requiredString("id");
    if (optionalFields.length == 0) {
      fields = SchemaBuilder.record(name).fields().requiredString("other");
    }
    for (String field : optionalFields) {
      fields = fields.optionalString(field);
    }
    return fields.endRecord();
  }
}
