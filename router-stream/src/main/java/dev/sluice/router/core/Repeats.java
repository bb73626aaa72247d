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

/// The keys by which repeats of a tenant's submissions are known: of every live job, and for a
/// while of jobs that ended. Derived from the task's log alone, whatever the order of its records:
/// of two jobs with one key the one taken later counts. Time is the broker's, as the task has read
/// it, so a replay expires what the first run expired. About 200 bytes a key. Owned by one thread.
public final class Repeats {

  /// Keys of ended jobs that are kept, count of either kind.
  public static final int MAX_REMEMBERED = 250_000;

  /// How long a request without a name can be found after its job succeeded: an SDK whose caller
  /// lost the answer tries again within a minute.
  static final Duration GRACE = Duration.ofMinutes(5);

  private static final Comparator<Known> BY_EXPIRY = Comparator.comparing(known -> known.until);

  /// What is kept of a job after its end.
  public record Remembered(JobId id, RepeatKey key, Instant until) {}

  /// A submission that was found to be a repeat.
  ///
  /// @param by its id, which is another name of the first job
  public record Joined(JobId by, String tenant, JobId first) {}

  /// @param until [Instant#MAX] while the job lives
  /// @param failed whether it ended without an answer, so that an SDK's retry is a new try
  private record Known(JobId id, RepeatKey key, Instant until, boolean failed) {
    boolean supersedes(Known other) {
      int bySince = key.since().compareTo(other.key.since());
      return id.equals(other.id) || bySince > 0 || (bySince == 0 && id.compareTo(other.id) > 0);
    }
  }

  private final Duration window;
  private final int limit;
  private final Map<Digest, Known> byKey = new HashMap<>();
  private final PriorityQueue<Known> ended = new PriorityQueue<>(BY_EXPIRY);
  private int endedNamed;

  /// @param window how long a named key holds after its submission
  public Repeats(Duration window) {
    this(window, MAX_REMEMBERED);
  }

  Repeats(Duration window, int limit) {
    this.window = window;
    this.limit = limit;
  }

  /// Takes a job's after-image.
  public void apply(Job after) {
    after.repeat().ifPresent(key -> learn(new Known(after.id(), key, Instant.MAX, failed(after))));
  }

  /// Takes what is kept of a job that ended.
  public void apply(Remembered job) {
    Known known = new Known(job.id(), job.key(), job.until(), false);
    learn(known);
    ended.add(known);
    endedNamed += job.key().named() ? 1 : 0;
  }

  private void learn(Known now) {
    byKey.merge(now.key.key(), now, (before, after) -> after.supersedes(before) ? after : before);
  }

  /// Forgets a live job of which nothing is kept.
  public void forget(Job job) {
    job.repeat()
        .ifPresent(key ->
            byKey.computeIfPresent(
                key.key(), (_, known) -> known.id.equals(job.id()) ? null : known));
  }

  /// What a submission is that is read for the first time.
  ///
  /// @param retry whether an SDK sent it again by itself
  /// @param now the broker's time, as far as it was read
  public RepeatDecision decide(JobId id, RepeatKey key, boolean retry, Instant now) {
    Known known = byKey.get(key.key());
    if (known != null && known.id.equals(id)) {
      return new RepeatDecision.Same();
    }
    if (known == null || !known.until.isAfter(now)) {
      boolean full = key.named() && endedNamed >= limit;
      return full ? new RepeatDecision.Full() : new RepeatDecision.First();
    }
    if (key.named()) {
      return known.key.fingerprint().equals(key.fingerprint())
          ? new RepeatDecision.RepeatOf(known.id)
          : new RepeatDecision.Conflict();
    }
    return retry && !known.failed
        ? new RepeatDecision.RepeatOf(known.id)
        : new RepeatDecision.First();
  }

  /// What to keep of a job whose end is surely delivered; empty when nothing.
  ///
  /// @param now the broker's time, as far as it was read
  public Optional<Remembered> afterEnd(Job job, Instant now) {
    return job.repeat()
        .filter(key -> key.named() || (!failed(job) && ended.size() - endedNamed < limit))
        .map(key ->
            new Remembered(job.id(), key, key.named() ? key.since().plus(window) : now.plus(GRACE)))
        .filter(kept -> kept.until().isAfter(now));
  }

  private static boolean failed(Job job) {
    return job.phase() instanceof Phase.Done done && done.status() != Phase.Status.SUCCEEDED;
  }

  /// Forgets the ended jobs whose time is over, and says which they were.
  ///
  /// @param now the broker's time, as far as it was read
  public List<JobId> expire(Instant now) {
    List<JobId> over = new ArrayList<>();
    Known first = ended.peek();
    while (first != null && !first.until.isAfter(now)) {
      drop(ended.remove());
      over.add(first.id);
      first = ended.peek();
    }
    return over;
  }

  private void drop(Known known) {
    endedNamed -= known.key.named() ? 1 : 0;
    byKey.remove(known.key.key(), known);
  }

  /// What is kept of an ended job; slow, for what is rare.
  public Optional<Remembered> remembered(JobId id) {
    return ended.stream()
        .filter(known -> known.id.equals(id))
        .findAny()
        .map(known -> new Remembered(id, known.key, known.until));
  }

  /// Forgets an ended job before its time, because it was erased.
  public void forget(Remembered job) {
    ended.stream()
        .filter(known -> known.id.equals(job.id()))
        .toList()
        .forEach(known -> {
          ended.remove(known);
          drop(known);
        });
  }

  /// Keys that are known, count.
  public int size() {
    return byKey.size();
  }
}
