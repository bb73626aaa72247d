package dev.sluice.worker.core;

import dev.sluice.contract.model.Policy;
import java.time.Duration;
import java.util.List;

/// Which endpoint of a pool a call goes to that has something in common with others: by rendezvous
/// hashing with bounded load. Each key has an order of preference over the endpoints, which moves
/// only the keys of an endpoint that goes; an endpoint that has a quarter more than its share of
/// what runs is passed over, so that a key which everybody asks for spreads.
///
/// Load is what this worker runs: workers hash alike, and each keeps the bound for its own calls.
/// Safe for use by many threads.
public final class EndpointBalancer {
  /// Most of its share that an endpoint runs.
  static final double BOUND = 1.25;

  /// For so long an endpoint is passed over that a call found down.
  static final Duration AWAY = Duration.ofSeconds(2);

  private final List<Policy.Endpoint> endpoints;
  private final long[] hashes;
  private final int[] running;
  private final long[] awayUntil;
  private int total;

  public EndpointBalancer(List<Policy.Endpoint> endpoints) {
    this.endpoints = List.copyOf(endpoints);
    this.hashes =
        endpoints.stream().mapToLong(endpoint -> hash(endpoint.url().toString())).toArray();
    this.running = new int[endpoints.size()];
    this.awayUntil = new long[endpoints.size()];
  }

  /// One call's place, until it has ended.
  public final class Place implements AutoCloseable {
    private final int index;

    private Place(int index) {
      this.index = index;
    }

    public Policy.Endpoint endpoint() {
      return endpoints.get(index);
    }

    /// The call found it down.
    public void failed(long now) {
      synchronized (EndpointBalancer.this) {
        awayUntil[index] = now + AWAY.toNanos();
      }
    }

    @Override
    public void close() {
      synchronized (EndpointBalancer.this) {
        running[index]--;
        total--;
      }
    }
  }

  /// Takes the place of a call.
  ///
  /// @param key what calls have in common that should meet
  /// @param now nanoseconds of a monotonic clock
  public synchronized Place take(String key, long now) {
    boolean allAway = true;
    long weight = 0;
    for (int i = 0; i < running.length; i++) {
      if (!away(i, now)) {
        allAway = false;
        weight += endpoints.get(i).weight();
      }
    }
    if (allAway) {
      weight = endpoints.stream().mapToLong(Policy.Endpoint::weight).sum();
    }
    long hash = hash(key);
    int best = -1;
    double highest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < running.length; i++) {
      double score = score(hash, i);
      if ((allAway || !away(i, now)) && running[i] < most(i, weight) && score > highest) {
        best = i;
        highest = score;
      }
    }
    if (best < 0) {
      throw new IllegalStateException("bounds that leave no room for one more");
    }
    running[best]++;
    total++;
    return new Place(best);
  }

  /// Calls that an endpoint runs at most, once one more runs.
  private long most(int index, long weight) {
    return (long) Math.ceil(BOUND * (total + 1) * endpoints.get(index).weight() / (double) weight);
  }

  private boolean away(int index, long now) {
    return awayUntil[index] != 0 && now - awayUntil[index] < 0;
  }

  private double score(long key, int index) {
    double unit = ((mix(key ^ hashes[index]) >>> 11) + 0.5) * 0x1.0p-53;
    return -endpoints.get(index).weight() / Math.log(unit);
  }

  /// The same in every process, so that all workers prefer the same endpoint.
  private static long hash(String text) {
    long hash = 1125899906842597L;
    for (int i = 0; i < text.length(); i++) {
      hash = 31 * hash + text.charAt(i);
    }
    return mix(hash);
  }

  /// Spreads neighbouring values: the finaliser of SplitMix64.
  private static long mix(long value) {
    long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
