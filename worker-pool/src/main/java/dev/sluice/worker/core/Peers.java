package dev.sluice.worker.core;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// The live workers, as one worker reads them from the beats: a peer is gone when five own beats
/// have been read since its last. Counted in what was read, so a pause of this worker or of the
/// broker ends nobody.
///
/// Safe for use by many threads.
public final class Peers {
  /// Own beats without one of a peer's after which it is gone.
  public static final int MISSED_BEATS = 5;

  private final String self;
  private final Map<String, Peer> peerById = new HashMap<>();
  private long ownBeats;

  private record Peer(Set<String> pools, long seenAtOwnBeat) {}

  public Peers(String self) {
    this.self = self;
  }

  /// Takes one beat of a worker. Answers whether the set of live workers may have changed.
  public synchronized boolean onBeat(String worker, Collection<String> pools, boolean leaving) {
    if (worker.equals(self)) {
      ownBeats++;
      return peerById.values().removeIf(peer -> ownBeats - peer.seenAtOwnBeat > MISSED_BEATS);
    }
    if (leaving) {
      return peerById.remove(worker) != null;
    }
    Peer before = peerById.put(worker, new Peer(Set.copyOf(pools), ownBeats));
    return before == null || !before.pools.equals(Set.copyOf(pools));
  }

  /// The other live workers that serve a pool.
  public synchronized Set<String> serving(String pool) {
    return peerById.entrySet().stream()
        .filter(entry -> entry.getValue().pools.contains(pool))
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  /// This worker's slots in a pool of that concurrency, given who else serves it.
  public synchronized int slots(String pool, int concurrency) {
    int rank = 0;
    int workers = 1;
    for (Map.Entry<String, Peer> entry : peerById.entrySet()) {
      if (entry.getValue().pools.contains(pool)) {
        workers++;
        if (entry.getKey().compareTo(self) < 0) {
          rank++;
        }
      }
    }
    return SlotShare.slots(concurrency, rank, workers);
  }
}
