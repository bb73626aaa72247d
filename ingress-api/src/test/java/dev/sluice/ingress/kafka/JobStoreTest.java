package dev.sluice.ingress.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Priority;
import dev.sluice.ingress.core.EventFilter;
import dev.sluice.ingress.core.JobFacts;
import dev.sluice.ingress.core.RouteChoice;
import dev.sluice.ingress.core.Status;
import dev.sluice.ingress.log.JobLog;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobStoreTest {
  private static final Instant NOW = Instant.parse("2026-11-21T09:00:00Z");

  @TempDir Path folder;

  @Test
  void keepsFactsPlacesAndPositionsAcrossRestarts() {
    JobFacts facts = finished(id(1), "acme");
    try (JobStore store = JobStore.open(folder, "one");
        StoreBatch batch = new StoreBatch()) {
      batch.facts(facts);
      batch.event(facts.id(), new EventRow(1, 100, 0, 0, false));
      batch.event(facts.id(), new EventRow(2, 101, 1, 3, true));
      batch.position('e', 0, 102);
      store.write(batch);
    }

    try (JobStore store = JobStore.open(folder, "one")) {
      JobFacts read = store.facts(facts.id()).orElseThrow();
      assertEquals(facts.origin(), read.origin());
      assertEquals(facts.progress(), read.progress());
      assertEquals(facts.filter(), read.filter());
      assertEquals(facts.ending().orElseThrow().offset(), read.ending().orElseThrow().offset());
      assertEquals(102, store.position('e', 0).orElse(-1));
      assertTrue(store.position('r', 0).isEmpty());
      assertEquals(List.of(new EventRow(2, 101, 1, 3, true)), store.events(facts.id(), 3, 10));
      assertEquals(2, store.events(facts.id(), 1, 10).size());
      assertTrue(store.events(facts.id(), 5, 10).isEmpty());
    }
  }

  @Test
  void findsThePlaceToReadOnFrom() {
    JobId id = id(1);
    try (JobStore store = JobStore.open(folder, "one");
        StoreBatch batch = new StoreBatch()) {
      assertEquals(JobLog.Mark.START, store.mark(id, 7));
      batch.event(id, new EventRow(1, 100, 0, 0, false));
      batch.event(id, new EventRow(2, 101, 0, 3, false));
      batch.event(id, new EventRow(5, 102, 0, 0, false));
      batch.event(id, new EventRow(7, 103, 0, 2, true));
      batch.event(id, new EventRow(9, 104, 0, 0, false));
      store.write(batch);

      assertEquals(new JobLog.Mark(1, 0), store.mark(id, 0));
      assertEquals(new JobLog.Mark(1, 0), store.mark(id, 2));
      assertEquals(new JobLog.Mark(5, 3), store.mark(id, 3));
      assertEquals(new JobLog.Mark(5, 3), store.mark(id, 99));
    }
  }

  @Test
  void dropsTheIndexOfAnotherLog() {
    JobFacts facts = finished(id(1), "acme");
    try (JobStore store = JobStore.open(folder, "one");
        StoreBatch batch = new StoreBatch()) {
      batch.facts(facts);
      store.write(batch);
    }

    try (JobStore store = JobStore.open(folder, "two")) {
      assertTrue(store.facts(facts.id()).isEmpty());
    }
  }

  @Test
  void listsOneTenantNewestFirst() {
    try (JobStore store = JobStore.open(folder, "one");
        StoreBatch batch = new StoreBatch()) {
      for (int i = 0; i < 5; i++) {
        String tenant = i == 2 ? "acme2" : "acme";
        batch.facts(finished(id(i), tenant));
        batch.listed(tenant, id(i));
      }
      store.write(batch);

      List<JobId> all = ids(store.list("acme", Optional.empty(), 10, _ -> true));
      List<JobId> after = ids(store.list("acme", Optional.of(id(3)), 1, _ -> true));

      assertEquals(List.of(id(4), id(3), id(1), id(0)), all);
      assertEquals(List.of(id(1)), after);
      assertEquals(List.of(id(2)), ids(store.list("acme2", Optional.empty(), 10, _ -> true)));
    }
  }

  @Test
  void forgetsWhatHasExpired() {
    JobFacts facts = finished(id(1), "acme");
    try (JobStore store = JobStore.open(folder, "one");
        StoreBatch batch = new StoreBatch()) {
      batch.facts(facts);
      batch.listed("acme", facts.id());
      batch.event(facts.id(), new EventRow(1, 100, 0, 0, false));
      batch.expires(NOW, facts.id());
      batch.expires(NOW.plusSeconds(10), id(2));
      store.write(batch);

      store.expire(NOW.minusSeconds(1), 10);
      assertTrue(store.facts(facts.id()).isPresent());
      store.expire(NOW, 10);

      assertTrue(store.facts(facts.id()).isEmpty());
      assertTrue(store.events(facts.id(), 0, 10).isEmpty());
      assertTrue(store.list("acme", Optional.empty(), 10, _ -> true).isEmpty());
    }
  }

  /// More jobs than it remembers, in an order of their own, with a restart in between.
  @Test
  void findsEveryJobThatWasStored() {
    List<JobId> stored = new ArrayList<>();
    Random random = new Random(1);
    for (int opening = 0; opening < 2; opening++) {
      try (JobStore store = JobStore.open(folder, "one");
          StoreBatch batch = new StoreBatch()) {
        for (int i = 0; i < JobStore.REMEMBERED; i++) {
          JobId job = id(random.nextInt(1 << 20));
          if (store.facts(job).isEmpty()) {
            batch.facts(JobFacts.unread(job, "acme"));
            store.write(batch);
            stored.add(job);
          }
        }

        assertTrue(stored.stream().allMatch(job -> store.facts(job).isPresent()));
        assertEquals(stored.size(), Set.copyOf(stored).size());
      }
    }
  }

  private static List<JobId> ids(List<JobFacts> facts) {
    return facts.stream().map(JobFacts::id).toList();
  }

  private static JobId id(int second) {
    return JobId.create(NOW.plusSeconds(second), 0, 0, 42);
  }

  private static JobFacts finished(JobId id, String tenant) {
    return JobFacts.unread(id, tenant)
        .withOrigin(
            new JobFacts.Origin(
                "fast",
                "/v1/x",
                Priority.BATCH,
                NOW,
                Map.of("team", "red"),
                Optional.of(new JobFacts.Place("sluice.jobs.batch", 3, 77)),
                new JobFacts.Size(12, OptionalLong.of(500)),
                new JobFacts.Whose("ci", "run-7")))
        .withProgress(
            new JobFacts.Progress(
                Status.RUNNING,
                "retry",
                "requests/PT1M",
                NOW,
                "pool",
                "m",
                NOW,
                2,
                new RouteChoice(
                    "cheapest",
                    7,
                    "at most 1 USD",
                    "canary",
                    List.of(new RouteChoice.Rejected("other", "n", "unpriced")))),
            new EventFilter.State(
                9, 4, new EventFilter.Claim(2, 22), new EventFilter.Claim(1, 11), 3, false))
        .withEnding(
            new JobFacts.Ending(Status.SUCCEEDED, NOW, NOW.plusSeconds(60), 77, new byte[] {1}));
  }
}
