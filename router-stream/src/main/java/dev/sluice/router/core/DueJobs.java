package dev.sluice.router.core;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// When time itself concerns a job, and what it then brings: the end of a job whose deadline has
/// come, the place of one whose retry is due, another release of one that nobody has claimed. Owned
/// by one thread.
final class DueJobs {

  /// A release unclaimed for so long while its pool has free slots is sent again.
  static final Duration UNCLAIMED = Duration.ofSeconds(30);

  private final JobTimers timers = new JobTimers();

  /// Sets a job's timer by what it is now.
  void rearm(LiveJob live) {
    Job job = live.job();
    Instant due =
        switch (job.phase()) {
          case Phase.Waiting waiting ->
              waiting.notBefore().equals(Instant.EPOCH)
                  ? job.deadline()
                  : earlier(job.deadline(), waiting.notBefore());
          case Phase.Released released -> earlier(job.deadline(), released.at().plus(UNCLAIMED));
          case Phase.Running _ -> job.deadline();
          case Phase.Done _ ->
              job.openRelease().map(out -> out.at().plus(UNCLAIMED)).orElse(Instant.MAX);
        };
    timers.arm(live, due);
  }

  void forget(LiveJob live) {
    timers.remove(live);
  }

  /// What is due by now; each due timer is consumed.
  ///
  /// @param hasFreeSlot whether workers of a pool could have claimed more
  List<Due> due(Instant now, int limit, Predicate<String> hasFreeSlot) {
    List<Due> fired = new ArrayList<>();
    Optional<LiveJob> due = timers.next(now);
    while (due.isPresent()) {
      fire(due.get(), now, hasFreeSlot).ifPresent(fired::add);
      due = fired.size() < limit ? timers.next(now) : Optional.empty();
    }
    return fired;
  }

  private Optional<Due> fire(LiveJob live, Instant now, Predicate<String> hasFreeSlot) {
    Job job = live.job();
    if (!job.done() && !job.deadline().isAfter(now)) {
      return Optional.of(new Due.Commanded(job.id(), new JobCommand.Expire()));
    }
    return switch (job.phase()) {
      case Phase.Waiting _ -> {
        timers.arm(live, job.deadline());
        yield Optional.of(new Due.Placeable(job.id()));
      }
      case Phase.Released out -> overdue(live, out, job.deadline(), now, hasFreeSlot);
      case Phase.Running _ -> {
        timers.arm(live, job.deadline());
        yield Optional.empty();
      }
      case Phase.Done _ ->
          job.openRelease().flatMap(out -> overdue(live, out, Instant.MAX, now, hasFreeSlot));
    };
  }

  /// A release that nobody has claimed for long: lost if its pool could have taken it.
  private Optional<Due> overdue(
      LiveJob live,
      Phase.Released out,
      Instant deadline,
      Instant now,
      Predicate<String> hasFreeSlot) {
    if (hasFreeSlot.test(out.placement().pool())) {
      return Optional.of(new Due.Commanded(live.id(), new JobCommand.ReleaseAgain()));
    }
    timers.arm(live, earlier(deadline, now.plus(UNCLAIMED)));
    return Optional.empty();
  }

  private static Instant earlier(Instant a, Instant b) {
    return a.isBefore(b) ? a : b;
  }
}
