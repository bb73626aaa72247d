package dev.sluice.worker.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.Policy;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;

class PeersTest {
  private static final List<String> POOLS = List.of("main");

  @Test
  void sharesSumToThePoolsConcurrency() {
    for (int workers = 1; workers <= 20; workers++) {
      int sum = 0;
      for (int rank = 0; rank < workers; rank++) {
        sum += SlotShare.slots(64, rank, workers);
      }
      assertEquals(64, sum);
    }
  }

  @Test
  void everyWorkerHasAtLeastOneSlot() {
    assertEquals(1, SlotShare.slots(2, 9, 10));
  }

  @Test
  void countsOnlyPeersThatServeThePool() {
    Peers peers = new Peers("b");
    peers.onBeat("a", POOLS, false);
    peers.onBeat("c", List.of("other"), false);

    assertEquals(5, peers.slots("main", 10));
    assertEquals(5, peers.slots("other", 9));
    assertEquals(9, peers.slots("third", 9));
  }

  @Test
  void forgetsAPeerAfterFiveOwnBeatsWithoutOneOfIts() {
    Peers peers = new Peers("b");
    peers.onBeat("a", POOLS, false);
    for (int i = 0; i < Peers.MISSED_BEATS; i++) {
      assertFalse(peers.onBeat("b", POOLS, false));
    }
    assertEquals(5, peers.slots("main", 10));

    assertTrue(peers.onBeat("b", POOLS, false));
    assertEquals(10, peers.slots("main", 10));
  }

  @Test
  void forgetsAPeerThatLeavesAtOnce() {
    Peers peers = new Peers("b");
    peers.onBeat("a", POOLS, false);

    assertTrue(peers.onBeat("a", POOLS, true));
    assertEquals(10, peers.slots("main", 10));
  }

  @Test
  void spreadsCallsByTheWeightsOfEndpoints() {
    Policy.Endpoint heavy = new Policy.Endpoint(URI.create("http://a"), 3);
    Policy.Endpoint light = new Policy.Endpoint(URI.create("http://b"), 1);
    List<Policy.Endpoint> endpoints = List.of(heavy, light);

    assertEquals(heavy, EndpointChoice.pick(endpoints, 0));
    assertEquals(heavy, EndpointChoice.pick(endpoints, 0.749));
    assertEquals(light, EndpointChoice.pick(endpoints, 0.75));
    assertEquals(light, EndpointChoice.pick(endpoints, 0.999999));
  }
}
