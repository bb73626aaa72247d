package dev.sluice.ledgercheck.core;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// I12: whose answer a job was given, whether it had asked for that, and what it cost.
final class CacheCheck implements Check {
  private static final Duration GRACE = Duration.ofSeconds(1);
  private static final long PERCENT = 100;

  private final Map<String, Given> byNonce = new HashMap<>();

  CacheCheck(List<JobTrace> traces) {
    for (JobTrace job : traces) {
      job.calls().forEach(call -> byNonce.put(call.nonce(), new Given(call, job)));
    }
  }

  /// A call, and the job that made it.
  private record Given(Call call, JobTrace by) {}

  @Override
  public void check(JobTrace job, Ledgers ledgers, Consumer<Violation> found) {
    Optional<Given> given = given(job);
    if (job.finalState() != JobState.SUCCEEDED || given.isEmpty()) {
      return;
    }
    if (given.get().by().marker().equals(job.marker())) {
      checkOwn(job, found);
    } else {
      checkGiven(job, given.get(), found);
    }
  }

  /// The call whose answer it was shown to have.
  private Optional<Given> given(JobTrace job) {
    return job.served().map(served -> byNonce.get(served.nonce()));
  }

  /// Whether it has the answer of another job's call.
  boolean again(JobTrace job) {
    return given(job).filter(given -> !given.by().marker().equals(job.marker())).isPresent();
  }

  private static void checkOwn(JobTrace job, Consumer<Violation> found) {
    if (job.charges().stream().anyMatch(CostEntry::givenAgain)) {
      report(job, "answered by a call of its own, yet charged as given again", found);
    }
    job.shownCaches()
        .filter(shown -> shown.answeredBy().isPresent())
        .findFirst()
        .ifPresent(
            shown -> report(job, "answered by a call of its own, but shows " + shown, found));
  }

  private static void checkGiven(JobTrace job, Given given, Consumer<Violation> found) {
    Post asked = job.post();
    Post first = given.by().post();
    Optional<CacheWish> wish = asked.cache().filter(each -> each.mode() == CacheWish.Mode.USE);
    if (wish.isEmpty()) {
      report(job, "was given %s's answer without asking".formatted(first.marker()), found);
    } else if (tooOld(given.call(), asked, wish.get())) {
      report(job, "was given an answer older than %d s".formatted(wish.get().ttlSeconds()), found);
    }
    if (first.account() != asked.account()) {
      report(job, "was given an answer of tenant " + first.account().id(), found);
    }
    if (!first.model().equals(asked.model()) || first.stream() != asked.stream()) {
      report(job, "was given the answer to another request: " + first, found);
    }
    if (!job.attempts().isEmpty()) {
      report(job, "was given an answer, yet called: " + job.attempts(), found);
    }
    checkCharge(job, given.by(), found);
    checkShown(job, given.by(), found);
  }

  private static boolean tooOld(Call call, Post asked, CacheWish wish) {
    Instant ended = call.ended().at();
    return !ended.equals(Instant.MAX)
        && ended.plusSeconds(wish.ttlSeconds()).plus(GRACE).isBefore(asked.at());
  }

  private static void checkCharge(JobTrace job, JobTrace first, Consumer<Violation> found) {
    long paid = first.charges().stream().mapToLong(row -> row.chargedPico().orElse(0L)).sum();
    long due = paid * job.post().account().repeatPercent() / PERCENT;
    boolean right =
        job.charges().size() == 1
            && job.charges().getFirst().givenAgain()
            && job.charges().getFirst().total() == 0
            && job.charges().getFirst().chargedPico().equals(Optional.of(due));
    if (!right) {
      report(job, "should be charged %d pico-USD, not %s".formatted(due, job.charges()), found);
    }
  }

  private static void checkShown(JobTrace job, JobTrace first, Consumer<Violation> found) {
    boolean told =
        job.shownCaches()
            .allMatch(shown ->
                (shown.kind().equals("hit") || shown.kind().equals("coalesced"))
                    && shown.answeredBy().filter(first.jobIds()::contains).isPresent());
    if (!told || job.shownCaches().findAny().isEmpty()) {
      report(job, "does not say that %s answered it".formatted(first.jobIds()), found);
    }
  }

  private static void report(JobTrace job, String text, Consumer<Violation> found) {
    found.accept(new Violation(Invariant.I12, job.marker(), text));
  }
}
