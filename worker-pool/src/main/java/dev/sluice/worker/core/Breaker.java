package dev.sluice.worker.core;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Whether one worker sends calls to one pool, judged by how its calls end, by probes, and by what
/// other workers say.
///
/// Closed, it opens after five calls in a row that found the provider down or silent; a probe that
/// fails after the first of them opens it at once. Open, nothing is called, and a probe a second
/// asks whether the provider lives. A probe that succeeds puts it on probation: calls run again,
/// and the first of them decides. A provider that answers probes and fails calls is tried again
/// after 2 s, then every 4 s.
///
/// Times are in nanoseconds of any one monotonic clock. Owned by one thread at a time.
public final class Breaker {
  /// Calls in a row that open it: more than one job makes by itself.
  static final int FAILURES = 5;

  /// Longest time between a probe that succeeded and the next try, so that traffic is back within 5
  /// s of the provider's recovery.
  static final Duration MAX_TRIAL_PAUSE = Duration.ofSeconds(4);

  /// Longest probation.
  static final Duration PROBATION = Duration.ofSeconds(2);

  /// A worker that has had an answer within so long does not believe another that has not.
  static final Duration OWN_EVIDENCE = Duration.ofMillis(500);

  /// Where a breaker stands.
  public enum State {
    CLOSED,
    PROBATION,
    OPEN
  }

  private State state = State.CLOSED;
  private int openings;
  private int failures;
  private int failedTrials;
  private long since = Long.MIN_VALUE;
  private long notBefore = Long.MIN_VALUE;
  private long lastAnswer = Long.MIN_VALUE;
  private Optional<String> followed = Optional.empty();

  /// Openings of other workers that this one has already taken over or found to be wrong.
  private final Map<String, Integer> known = new HashMap<>();

  public State state() {
    return state;
  }

  public boolean open() {
    return state == State.OPEN;
  }

  /// A provider that has not failed for a while after it came back is trusted again, though no call
  /// has ended yet.
  public void pass(long now) {
    if (state == State.PROBATION && now - since >= PROBATION.toNanos()) {
      state = State.CLOSED;
      failedTrials = 0;
    }
  }

  /// How often it has opened by its own evidence.
  public int openings() {
    return openings;
  }

  /// Whether a probe a second is this worker's task: not while it follows another's.
  public boolean probes() {
    return open() && followed.isEmpty();
  }

  /// Whether a probe now could tell something that is not known yet.
  public boolean suspects() {
    return state == State.CLOSED && failures > 0;
  }

  /// The provider answered a call, be it with a refusal: it lives.
  ///
  /// @param begun when the call began; one from before the last change tells nothing
  public void answered(long begun, long now) {
    if (begun < since || open()) {
      return;
    }
    lastAnswer = now;
    failures = 0;
    failedTrials = 0;
    state = State.CLOSED;
  }

  /// A call found the provider down, or silent for too long.
  public void failed(long begun, long now) {
    if (begun < since) {
      return;
    }
    switch (state) {
      case CLOSED -> {
        failures++;
        if (failures >= FAILURES) {
          openUp(now);
        }
      }
      case PROBATION -> {
        failedTrials++;
        openUp(now);
        long pause = Duration.ofSeconds(1L << Math.min(failedTrials, 10)).toNanos();
        notBefore = now + Math.min(pause, MAX_TRIAL_PAUSE.toNanos());
      }
      case OPEN -> {
        // Calls that began before it opened end as they can.
      }
    }
  }

  /// A probe came back.
  ///
  /// @param alive whether a server answered it
  public void probed(boolean alive, long now) {
    switch (state) {
      case CLOSED -> {
        if (!alive && failures > 0) {
          openUp(now);
        }
      }
      case PROBATION -> {
        if (!alive) {
          openUp(now);
        }
      }
      case OPEN -> {
        if (alive && now >= notBefore) {
          state = State.PROBATION;
          followed = Optional.empty();
          since = now;
        }
      }
    }
  }

  /// Another worker says how it sees the pool. An opening of its is taken over at once, unless this
  /// worker has had an answer a moment ago; a probe of this worker's own then says whether that was
  /// right.
  ///
  /// @param opening which of its openings
  /// @return whether to probe now
  public boolean heard(String peer, boolean peerOpen, int opening, long now) {
    if (!peerOpen) {
      if (open() && followed.equals(Optional.of(peer))) {
        state = State.PROBATION;
        followed = Optional.empty();
        since = now;
      }
      return false;
    }
    if (known.getOrDefault(peer, 0) >= opening) {
      return false;
    }
    if (open()) {
      known.put(peer, opening);
      return false;
    }
    if (lastAnswer != Long.MIN_VALUE && now - lastAnswer < OWN_EVIDENCE.toNanos()) {
      return false;
    }
    known.put(peer, opening);
    turnOpen(now);
    followed = Optional.of(peer);
    return true;
  }

  /// Who else calls the pool now. What one that is gone had begun to probe is this worker's.
  public void living(Set<String> peers) {
    known.keySet().retainAll(peers);
    followed = followed.filter(peers::contains);
  }

  private void openUp(long now) {
    turnOpen(now);
    openings++;
    followed = Optional.empty();
  }

  private void turnOpen(long now) {
    state = State.OPEN;
    failures = 0;
    since = now;
    notBefore = now;
  }
}
