package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;

/// The answers of a task's tenants that may be given again, one a key: the latest. Derived from the
/// task's log alone, whatever the order of its records. Bounded: when it is full, what would end
/// soonest goes. About 300 bytes an answer. Owned by one thread.
public final class Answers {

  /// Answers that are kept, count.
  public static final int MAX_KEPT = 100_000;

  private static final Comparator<KeptAnswer> BY_END =
      Comparator.comparing(KeptAnswer::until).thenComparing(KeptAnswer::first);

  private final int limit;
  private final Map<Digest, KeptAnswer> byKey = new HashMap<>();
  private final PriorityQueue<KeptAnswer> byEnd = new PriorityQueue<>(BY_END);

  public Answers() {
    this(MAX_KEPT);
  }

  Answers(int limit) {
    this.limit = limit;
  }

  /// The answer of a job that others may be given; empty when they may not.
  public static Optional<KeptAnswer> of(Job job) {
    if (!(job.phase() instanceof Phase.Done done)) {
      return Optional.empty();
    }
    return job.cache().filter(CacheUse::kept).map(use -> kept(job, use, done.at()));
  }

  private static KeptAnswer kept(Job job, CacheUse use, Instant ended) {
    Instant given = given(job, ended);
    return new KeptAnswer(
        use.key(job.tenant()), job.id(), ended, given, given.plus(use.ttl()), use.worth());
  }

  /// When the provider gave it: a router that was away learns of the call's begin and end much
  /// later. Between the job's submission and its end, whatever the worker's clock says: one that is
  /// slow makes an answer older than it is, never younger.
  private static Instant given(Job job, Instant ended) {
    Instant answered = job.progress().attempts().getLast().finishedAt();
    Instant asked = job.id().createdAt();
    Instant given = answered.isBefore(asked) ? asked : answered;
    return given.isBefore(ended) ? given : ended;
  }

  /// Takes an answer, unless a later one of its key is known.
  public void apply(KeptAnswer answer) {
    KeptAnswer known = byKey.get(answer.key());
    if (known != null && !supersedes(answer, known)) {
      return;
    }
    byKey.put(answer.key(), answer);
    byEnd.add(answer);
  }

  private static boolean supersedes(KeptAnswer answer, KeptAnswer known) {
    int byTime = answer.at().compareTo(known.at());
    return byTime > 0 || (byTime == 0 && answer.first().compareTo(known.first()) > 0);
  }

  /// Whether this is the answer that its key finds.
  public boolean holds(KeptAnswer answer) {
    return answer.equals(byKey.get(answer.key()));
  }

  /// The answer for a key.
  ///
  /// @param longest how old it may be
  public Optional<KeptAnswer> find(Digest key, Duration longest, Instant now) {
    return Optional.ofNullable(byKey.get(key))
        .filter(answer -> answer.until().isAfter(now))
        .filter(answer -> answer.given().plus(longest).isAfter(now));
  }

  /// Forgets the answers of a job, and says under which keys they were; slow, for what is rare.
  public List<Digest> forget(JobId first) {
    List<Digest> keys =
        byKey.values().stream()
            .filter(answer -> answer.first().equals(first))
            .map(KeptAnswer::key)
            .toList();
    keys.forEach(byKey::remove);
    return keys;
  }

  /// Forgets what is over, and what there is too much of, and says under which keys it was.
  public List<Digest> expire(Instant now) {
    List<Digest> over = new ArrayList<>();
    KeptAnswer next = byEnd.peek();
    while (next != null && (byKey.size() > limit || !next.until().isAfter(now))) {
      KeptAnswer answer = byEnd.remove();
      if (byKey.remove(answer.key(), answer)) {
        over.add(answer.key());
      }
      next = byEnd.peek();
    }
    return over;
  }

  /// Answers that are kept, count.
  public int size() {
    return byKey.size();
  }
}
