package dev.sluice.worker.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.Policy;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointBalancerTest {
  private static final int KEYS = 4_000;

  @Test
  void aKeyStaysAndKeysSpreadByWeight() {
    List<Policy.Endpoint> endpoints = endpoints(3, 1);
    Map<String, Policy.Endpoint> first = placed(endpoints);

    assertEquals(first, placed(endpoints));
    long heavy = first.values().stream().filter(endpoints.getFirst()::equals).count();
    assertEquals(0.75, (double) heavy / KEYS, 0.03);
  }

  @Test
  void anEndpointThatGoesMovesItsOwnKeysOnly() {
    List<Policy.Endpoint> all = endpoints(1, 1, 2, 1);
    Map<String, Policy.Endpoint> before = placed(all);
    Map<String, Policy.Endpoint> after = placed(all.subList(0, 3));

    before.forEach((key, endpoint) -> {
      if (!endpoint.equals(all.getLast())) {
        assertEquals(endpoint, after.get(key), key);
      }
    });
    long moved =
        before.keySet().stream().filter(key -> !before.get(key).equals(after.get(key))).count();
    assertEquals(0.2, (double) moved / KEYS, 0.03);
  }

  /// Everybody asks for few keys, and calls end in any order.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void noEndpointRunsMoreThanAQuarterAboveItsShare(long seed) {
    Random random = new Random(seed);
    int[] weights =
        IntStream.range(0, 2 + random.nextInt(5)).map(_ -> 1 + random.nextInt(4)).toArray();
    List<Policy.Endpoint> endpoints = endpoints(weights);
    int sum = IntStream.of(weights).sum();
    EndpointBalancer balancer = new EndpointBalancer(endpoints);
    List<EndpointBalancer.Place> running = new ArrayList<>();
    for (int step = 0; step < 5_000; step++) {
      if (!running.isEmpty() && random.nextInt(200) < running.size()) {
        running.remove(random.nextInt(running.size())).close();
        continue;
      }
      String key = "key " + (int) Math.abs(random.nextGaussian());
      EndpointBalancer.Place place = balancer.take(key, 0);
      running.add(place);
      long here = running.stream().filter(one -> one.endpoint().equals(place.endpoint())).count();
      double share = (double) place.endpoint().weight() / sum;
      assertTrue(
          here <= Math.ceil(EndpointBalancer.BOUND * running.size() * share),
          here + " of " + running.size());
    }
  }

  @Test
  void anEndpointThatIsDownIsPassedOverForAWhile() {
    EndpointBalancer balancer = new EndpointBalancer(endpoints(1, 1, 1));
    Policy.Endpoint preferred;
    try (EndpointBalancer.Place place = balancer.take("a", 1)) {
      preferred = place.endpoint();
      place.failed(1);
    }

    assertNotEquals(preferred, at(balancer, "a", 2));
    assertEquals(preferred, at(balancer, "a", 2 + EndpointBalancer.AWAY.toNanos()));
  }

  @Test
  void whereAllAreDownTheyAreTried() {
    EndpointBalancer balancer = new EndpointBalancer(endpoints(1, 1));
    Policy.Endpoint preferred = at(balancer, "a", 1);
    for (int i = 0; i < 2; i++) {
      try (EndpointBalancer.Place place = balancer.take("a", 1)) {
        place.failed(1);
      }
    }

    assertEquals(preferred, at(balancer, "a", 2));
  }

  private static Map<String, Policy.Endpoint> placed(List<Policy.Endpoint> endpoints) {
    EndpointBalancer balancer = new EndpointBalancer(endpoints);
    Map<String, Policy.Endpoint> placed = new HashMap<>();
    for (int number = 0; number < KEYS; number++) {
      placed.put("conversation " + number, at(balancer, "conversation " + number, 0));
    }
    return placed;
  }

  private static Policy.Endpoint at(EndpointBalancer balancer, String key, long now) {
    try (EndpointBalancer.Place place = balancer.take(key, now)) {
      return place.endpoint();
    }
  }

  private static List<Policy.Endpoint> endpoints(int... weights) {
    return IntStream.range(0, weights.length)
        .mapToObj(i -> new Policy.Endpoint(URI.create("http://gpu-" + i + ":8000/v1"), weights[i]))
        .toList();
  }
}
