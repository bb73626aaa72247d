package dev.sluice.ingress.core.sweep;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Blobs that may be removed soon. A blob goes when it is older than the grace time and two looks,
/// some time apart, found that nothing in the log refers to it. Each look knows the log to its end.
///
/// That is after every commit that could still come: a blob is written within hours and its record
/// follows within seconds, or never. The second look is for a process that slept with its machine
/// between the two, and is about to write the record when it wakes.
///
/// It may be forgotten at any time; what is in it then waits for two looks more. For one thread.
public final class SweepBook {
  private final Rule rule;
  private final Map<String, Instant> marks = new LinkedHashMap<>();

  /// @param grace how old a blob must be, counted from before its commit
  /// @param apart time between the two looks
  /// @param most blobs that wait for their second look; more are marked when there is room
  public record Rule(Duration grace, Duration apart, int most) {}

  public SweepBook(Rule rule) {
    this.rule = rule;
  }

  /// The first look at a blob, or another one before the second is due.
  ///
  /// @param writtenAt on the store's clock
  public void look(String key, Instant writtenAt, Set<String> referred, Instant now) {
    boolean old = writtenAt.isBefore(now.minus(rule.grace()));
    if (old && !referred.contains(key) && marks.size() < rule.most()) {
      marks.putIfAbsent(key, now);
    }
  }

  /// The second look: blobs to remove now. One that is referred to loses its mark.
  public List<String> due(Set<String> referred, Instant now) {
    marks.keySet().removeAll(referred);
    List<String> due = new ArrayList<>();
    marks.forEach((key, marked) -> {
      if (!now.isBefore(marked.plus(rule.apart()))) {
        due.add(key);
      }
    });
    return due;
  }

  /// It is gone.
  public void removed(String key) {
    marks.remove(key);
  }

  /// How many wait for their second look.
  public int waiting() {
    return marks.size();
  }
}
