package dev.sluice.router.topology;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// Outputs in the order in which they leave, each with the transitions it waits for. One is ready
/// when those are acknowledged. Not safe for several threads.
final class HeldOutputs {
  /// @param after transitions that are sent before it, count from the producer's start
  /// @param leavesAlone when it leaves at the latest once it is ready, of [System#nanoTime]
  record Held(Pending pending, long after, long leavesAlone) {}

  private final Deque<Held> held = new ArrayDeque<>();

  void add(Held output) {
    held.addLast(output);
  }

  boolean isEmpty() {
    return held.isEmpty();
  }

  void clear() {
    held.clear();
  }

  /// When the first of those that are ready leaves at the latest; `Long.MAX_VALUE` when none is.
  ///
  /// @param acknowledged transitions, count from the producer's start
  long readyLeaveBy(long acknowledged) {
    long first = Long.MAX_VALUE;
    for (Held output : held) {
      if (output.after() > acknowledged) {
        break;
      }
      first = Math.min(first, output.leavesAlone());
    }
    return first;
  }

  /// Those that are ready, which are held no more.
  ///
  /// @param acknowledged transitions, count from the producer's start
  List<Held> takeReady(long acknowledged) {
    List<Held> ready = new ArrayList<>();
    while (!held.isEmpty() && held.getFirst().after() <= acknowledged) {
      ready.add(held.removeFirst());
    }
    return ready;
  }
}
