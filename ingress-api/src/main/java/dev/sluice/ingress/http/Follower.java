package dev.sluice.ingress.http;

import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.core.JobFacts;
import dev.sluice.ingress.log.JobLog;
import dev.sluice.ingress.log.JobSignal;
import dev.sluice.ingress.log.JobWatch;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A job's events in order, without gap or repeat, from any number on: first what the log holds,
/// then what comes, and the log again whenever something was missed. The terminal record comes
/// last, after every part of the answer. Owned by one virtual thread.
final class Follower {
  private final JobLog log;
  private final JobId id;
  private final JobWatch watch;
  private final Deque<JobSignal> stored = new ArrayDeque<>();
  private int last;
  private boolean behind;
  private boolean ended;
  private boolean settled;
  private long completeClaim;
  private @Nullable JobResult result;

  /// @param after number of the last event already seen
  /// @param behind whether events may be in the log that the watch was not told
  Follower(JobLog log, JobId id, JobWatch watch, int after, boolean behind) {
    this.log = log;
    this.id = id;
    this.watch = watch;
    this.last = after;
    this.behind = behind;
  }

  /// The job was over before it was watched.
  void finishedAlready(JobResult terminal) {
    result = terminal;
    settled = true;
  }

  /// This claim's answer was given out to its last part. If it is the claim that decided the job,
  /// nothing more is waited for at the end, and the log need not be asked where it ends.
  void answerComplete(long claimId) {
    completeClaim = claimId;
  }

  /// The job it follows.
  JobId id() {
    return id;
  }

  /// Number of the last event given out.
  int last() {
    return last;
  }

  /// The next event; empty when none came in time.
  Optional<JobSignal> next(Duration longest) {
    while (true) {
      catchUp();
      JobSignal signal = stored.poll();
      if (signal == null) {
        boolean over = result != null && (ended || settled || isComplete(result));
        Optional<JobSignal> told = watch.next(result != null ? Duration.ZERO : longest);
        if (told.isEmpty()) {
          if (result == null) {
            return told;
          }
          if (over) {
            return Optional.of(new JobSignal.Finished(result));
          }
          settled = true;
          log.settle(id);
          continue;
        }
        signal = told.get();
      }
      Optional<JobSignal> shown = inOrder(signal);
      if (shown.isPresent()) {
        return shown;
      }
    }
  }

  private boolean isComplete(JobResult terminal) {
    return completeClaim != 0 && terminal.getClaimId() == completeClaim;
  }

  /// Reads from the log what the watch was not told.
  private void catchUp() {
    if (watch.takeOverrun()) {
      behind = true;
      log.find(id)
          .filter(JobFacts::finished)
          .flatMap(log::result)
          .ifPresent(terminal -> result = terminal);
    }
    if (behind && stored.isEmpty()) {
      stored.addAll(log.replay(id, last));
      behind = !stored.isEmpty();
    }
  }

  /// What of a signal is new; empty when nothing is, or when something before it is missing.
  private Optional<JobSignal> inOrder(JobSignal signal) {
    return switch (signal) {
      case JobSignal.StateChanged changed -> {
        if (!follows(changed.ordinal(), changed.ordinal())) {
          yield Optional.empty();
        }
        ended = Terminal.of(changed.event().getStatus());
        yield Optional.of(changed);
      }
      case JobSignal.Parts parts -> partsInOrder(parts);
      case JobSignal.Finished(JobResult terminal) -> {
        result = terminal;
        yield Optional.empty();
      }
      case JobSignal.Published _,
          JobSignal.PublishFailed _,
          JobSignal.Erased _,
          JobSignal.CallerGone _ ->
          Optional.of(signal);
    };
  }

  private Optional<JobSignal> partsInOrder(JobSignal.Parts parts) {
    int first = parts.restarted() ? parts.ordinal() - 1 : parts.ordinal();
    int skip = last + 1 - parts.ordinal();
    if (!follows(first, parts.lastOrdinal())) {
      return Optional.empty();
    }
    if (skip <= 0) {
      return Optional.of(parts);
    }
    return Optional.of(
        new JobSignal.Parts(
            parts.ordinal() + skip,
            false,
            parts.attempt(),
            parts.claimId(),
            parts.parts().subList(skip, parts.parts().size())));
  }

  /// Whether events `first` to `to` hold the next one; remembers them as given out if so.
  private boolean follows(int first, int to) {
    if (to <= last) {
      return false;
    }
    if (first > last + 1) {
      behind = true;
      return false;
    }
    last = to;
    return true;
  }
}
