package dev.sluice.worker.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.Priority;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SlotGateTest {

  @Test
  void grantsAtOnceWhatIsFreeUpToWhatIsAskedFor() throws Exception {
    SlotGate gate = new SlotGate(3);

    assertEquals(2, gate.request(Priority.BATCH, 2).await(0));
    assertEquals(1, gate.request(Priority.INTERACTIVE, 2).await(0));
    assertEquals(0, gate.request(Priority.STANDARD, 1).await(0));
    assertEquals(3, gate.used());
  }

  @Test
  void servesTheMostUrgentWaiterWhenASlotIsFreed() throws Exception {
    SlotGate gate = new SlotGate(1);
    gate.request(Priority.BATCH, 1).await(0);
    SlotGate.Ticket batch = gate.request(Priority.BATCH, 1);
    SlotGate.Ticket interactive = gate.request(Priority.INTERACTIVE, 1);

    gate.release(1);

    assertEquals(1, interactive.await(0));
    assertEquals(0, batch.await(0));
  }

  @Test
  void givesEachClassItsShareAndBatchItsFloorUnderSaturation() throws Exception {
    SlotGate gate = new SlotGate(4);
    Map<Priority, SlotGate.Ticket> waiting = new EnumMap<>(Priority.class);
    Map<Priority, Integer> granted = new EnumMap<>(Priority.class);
    Random random = new Random(3);
    for (Priority priority : Priority.values()) {
      waiting.put(priority, gate.request(priority, 1 + random.nextInt(4)));
    }

    for (int round = 0; round < 4_000; round++) {
      for (Priority priority : Priority.values()) {
        int slots = waiting.get(priority).granted();
        if (slots > 0) {
          granted.merge(priority, slots, Integer::sum);
          waiting.put(priority, gate.request(priority, 1 + random.nextInt(4)));
        }
      }
      assertEquals(4, gate.used());
      gate.release(1 + random.nextInt(4));
    }

    int all = granted.values().stream().mapToInt(Integer::intValue).sum();
    assertTrue(granted.get(Priority.BATCH) >= all / 25, granted.toString());
    assertTrue(granted.get(Priority.INTERACTIVE) > granted.get(Priority.STANDARD));
    assertTrue(granted.get(Priority.STANDARD) > granted.get(Priority.BATCH));
  }

  @Test
  void leavesNoSlotIdleWhileSomeoneWaits() throws Exception {
    SlotGate gate = new SlotGate(8);

    assertEquals(8, gate.request(Priority.BATCH, 16).await(0));
    gate.release(3);
    assertEquals(3, gate.request(Priority.BATCH, 16).await(0));
  }

  @Test
  void takesNothingPastThoseWhoWait() {
    SlotGate gate = new SlotGate(1);
    assertEquals(1, gate.tryTake(Priority.BATCH, 4));
    gate.request(Priority.STANDARD, 1);
    gate.resize(2);

    assertEquals(0, gate.tryTake(Priority.INTERACTIVE, 1));
  }

  @Test
  void wakesAWaiterWhenItsTicketIsCancelled() throws Exception {
    SlotGate gate = new SlotGate(0);
    SlotGate.Ticket ticket = gate.request(Priority.STANDARD, 1);
    CompletableFuture<Integer> granted = new CompletableFuture<>();
    Thread waiter =
        Thread.startVirtualThread(() -> {
          try {
            granted.complete(ticket.await(TimeUnit.SECONDS.toNanos(30)));
          } catch (InterruptedException e) {
            granted.completeExceptionally(e);
          }
        });

    ticket.cancel();

    assertEquals(0, granted.get(10, TimeUnit.SECONDS));
    waiter.join();
    gate.resize(1);
    assertEquals(1, gate.request(Priority.BATCH, 1).await(0));
  }

  @Test
  void grantsNothingAfterAShrinkUntilEnoughHasEnded() throws Exception {
    SlotGate gate = new SlotGate(4);
    gate.request(Priority.STANDARD, 4).await(0);

    gate.resize(2);
    gate.release(2);
    assertEquals(0, gate.request(Priority.STANDARD, 1).await(0));
    gate.release(1);

    assertEquals(1, gate.request(Priority.STANDARD, 1).await(0));
  }
}
