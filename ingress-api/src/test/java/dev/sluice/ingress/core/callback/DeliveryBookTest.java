package dev.sluice.ingress.core.callback;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DeliveryBookTest {
  private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");
  private static final DeliveryBook.Bounds BOUNDS = new DeliveryBook.Bounds(2, 3, 10);

  private final DeliveryBook book = new DeliveryBook(BOUNDS);
  private long offset;

  private static Delivery delivery(String id, String tenant, String endpoint, Instant due) {
    return new Delivery(
        id,
        "evt_" + id,
        tenant,
        "job.succeeded",
        "job_" + id,
        "succeeded",
        NOW,
        Optional.empty(),
        Optional.of(endpoint),
        Optional.empty(),
        Optional.empty(),
        0,
        NOW,
        due);
  }

  private void put(String id, String tenant, String endpoint, Instant due) {
    book.put(delivery(id, tenant, endpoint, due), offset++);
  }

  private List<String> due(Instant now) {
    List<String> ids = new ArrayList<>();
    for (Optional<Delivery> next = book.take(now); next.isPresent(); next = book.take(now)) {
      ids.add(next.get().id());
    }
    return ids;
  }

  private void over(String id) {
    book.finished(id, null, offset++, false, Optional.empty());
  }

  @Test
  void givesOutWhatIsDueEarliestFirst() {
    put("later", "acme", "a", NOW.plusSeconds(5));
    put("second", "acme", "b", NOW);
    put("first", "acme", "c", NOW.minusSeconds(1));

    assertEquals(Optional.of(NOW.minusSeconds(1)), book.nextDue());
    assertEquals(List.of("first", "second"), due(NOW));
    assertEquals(Optional.of(NOW.plusSeconds(5)), book.nextDue());
    assertEquals(List.of("later"), due(NOW.plusSeconds(5)));
  }

  @Test
  void callsAReceiverOnlySoOftenAtOnce() {
    for (int i = 0; i < 4; i++) {
      put("d" + i, "acme", "a", NOW);
    }

    assertEquals(List.of("d0", "d1"), due(NOW));
    over("d1");
    assertEquals(List.of("d2"), due(NOW));
  }

  @Test
  void aSlowTenantTakesNothingFromAnother() {
    for (int i = 0; i < 9; i++) {
      put("d" + i, "acme", "e" + i, NOW);
    }
    put("other", "other", "o", NOW.plusMillis(1));

    assertEquals(List.of("d0", "d1", "d2", "other"), due(NOW.plusMillis(1)));
    over("d0");
    assertEquals(1, due(NOW).size());
  }

  @Test
  void aReceiverWithTooMuchToDoIsCalledOnceAtATimeAndAfterItsPause() {
    for (int i = 0; i < 5; i++) {
      put("d" + i, "acme", "a", NOW);
    }
    assertEquals(2, due(NOW).size());

    book.finished(
        "d0",
        delivery("d0", "acme", "a", NOW.plusSeconds(60)),
        offset++,
        true,
        Optional.of(NOW.plusSeconds(30)));
    over("d1");

    assertEquals(List.of(), due(NOW.plusSeconds(29)));
    assertEquals(Optional.of(NOW.plusSeconds(30)), book.nextDue());
    assertEquals(List.of("d2", "d3"), due(NOW.plusSeconds(30)));
  }

  @Test
  void aTryThatFailedComesBackWhenItIsDue() {
    put("d", "acme", "a", NOW);
    assertEquals(List.of("d"), due(NOW));

    book.finished(
        "d", delivery("d", "acme", "a", NOW.plusSeconds(5)), offset++, false, Optional.empty());

    assertEquals(List.of(), due(NOW));
    assertEquals(List.of("d"), due(NOW.plusSeconds(5)));
  }

  @Test
  void whatItWroteItselfAndReadsAgainChangesNothing() {
    put("d", "acme", "a", NOW);
    assertEquals(List.of("d"), due(NOW));
    book.finished("d", null, 7, false, Optional.empty());

    // The record of an earlier attempt, read late.
    book.put(delivery("d", "acme", "a", NOW), 6);

    assertEquals(List.of(), due(NOW));
    assertTrue(book.knows("d"));
    assertEquals(0, book.size());
  }

  @Test
  void aLaterRecordOfWhatIsOverBeginsAnew() {
    put("d", "acme", "a", NOW);
    assertEquals(List.of("d"), due(NOW));
    book.finished("d", null, 7, false, Optional.empty());

    book.put(delivery("d", "acme", "a", NOW), 8);

    assertEquals(List.of("d"), due(NOW));
  }

  @Test
  void aTombstoneEndsWhatWaits() {
    put("d", "acme", "a", NOW);

    book.remove("d", offset++);

    assertEquals(List.of(), due(NOW));
    assertFalse(book.nextDue().isPresent());
  }

  @Test
  void keepsOnlySoManyOfAReceiverAndAsksForTheOthers() {
    for (int i = 0; i < 25; i++) {
      put("d%02d".formatted(i), "acme", "a", NOW);
    }
    assertEquals(10, book.size());
    assertEquals(Optional.empty(), book.nextReload());

    for (int i = 0; i < 6; i++) {
      String id = book.take(NOW).orElseThrow().id();
      over(id);
    }

    DeliveryBook.Reload reload = book.nextReload().orElseThrow();
    assertEquals(10, reload.from());
    assertEquals(6, reload.room());
    assertEquals(Optional.empty(), book.nextReload(), "it is being reloaded");

    for (int i = 10; i < 16; i++) {
      book.put(delivery("d" + i, "acme", "a", NOW), i);
    }
    book.reloaded(reload.lane(), 16);
    assertEquals(10, book.size());
  }

  @Test
  void whatComesDuringAReloadIsNotForgotten() {
    for (int i = 0; i < 11; i++) {
      put("d%02d".formatted(i), "acme", "a", NOW);
    }
    for (int i = 0; i < 10; i++) {
      over(book.take(NOW).orElseThrow().id());
    }
    DeliveryBook.Reload reload = book.nextReload().orElseThrow();
    assertEquals(10, reload.room());

    book.put(delivery("d10", "acme", "a", NOW), 10);
    long next = offset + 100;
    for (int i = 0; i < 12; i++) {
      book.put(delivery("n" + i, "acme", "a", NOW), next + i);
    }
    book.reloaded(reload.lane(), -1);
    while (book.take(NOW)
        .map(Delivery::id)
        .map(id -> {
          over(id);
          return id;
        })
        .isPresent()) {}

    assertEquals(next + 9, book.nextReload().orElseThrow().from());
  }

  @Test
  void urlsOfOneHostShareItsLane() {
    Delivery one =
        new Delivery(
            "a",
            "e",
            "acme",
            "job.failed",
            "j",
            "failed",
            NOW,
            Optional.empty(),
            Optional.empty(),
            Optional.of("https://a.example/1"),
            Optional.empty(),
            0,
            NOW,
            NOW);
    Delivery two =
        new Delivery(
            "b",
            "e",
            "acme",
            "job.failed",
            "j",
            "failed",
            NOW,
            Optional.empty(),
            Optional.empty(),
            Optional.of("https://a.example/2?x"),
            Optional.empty(),
            0,
            NOW,
            NOW);

    assertEquals(one.lane(), two.lane());
  }
}
