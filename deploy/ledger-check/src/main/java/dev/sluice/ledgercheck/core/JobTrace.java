package dev.sluice.ledgercheck.core;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// All that the ledgers hold about one POST, joined by its marker.
///
/// @param jobIds every job id that any ledger ties to the marker: one, or none
/// @param calls by time
/// @param disturbances of the whole campaign
record JobTrace(
    Post post,
    Optional<Answer> answer,
    Optional<CancelAnswer> cancel,
    Set<String> jobIds,
    List<Call> calls,
    List<CostEntry> attempts,
    List<CostEntry> charges,
    List<Reading> readings,
    List<Disturbance> disturbances) {

  /// How long after a call's end its outcome may still be on its way out of the worker.
  static final Duration OUTCOME_GRACE = Duration.ofSeconds(3);

  String marker() {
    return post.marker();
  }

  boolean accepted() {
    return answer.isPresent() && answer.get().accepted();
  }

  /// What the last direct reading says; UNREADABLE when there is none.
  JobState finalState() {
    return readings.stream()
        .filter(reading -> reading.channel() != Channel.LIST && reading.state().terminal())
        .max(Comparator.comparing(Reading::at))
        .map(Reading::state)
        .orElse(JobState.UNREADABLE);
  }

  /// The content of the job's result as any channel showed it.
  Optional<Served> result() {
    return readings.stream().flatMap(reading -> reading.served().stream()).findFirst();
  }

  /// The same, or as its waiting caller was given it.
  Optional<Served> served() {
    return result().or(() -> answer.filter(Answer::complete).flatMap(Answer::served));
  }

  /// What its ends say of answers that are given again.
  Stream<Reading.ShownCache> shownCaches() {
    return readings.stream()
        .filter(reading -> reading.state().terminal())
        .flatMap(reading -> reading.cache().stream());
  }

  /// Whether a worker was killed or frozen while the call ran, or before its outcome was out.
  boolean disturbed(Call call) {
    Instant end = call.ended().at();
    Instant until = end.equals(Instant.MAX) ? end : end.plus(OUTCOME_GRACE);
    return disturbances.stream()
        .anyMatch(each -> each.hitsWorkers() && each.overlaps(call.beganAt(), until));
  }

  /// Whether a worker was killed or frozen between two instants.
  boolean disturbedBetween(Instant from, Instant to) {
    return disturbances.stream().anyMatch(each -> each.hitsWorkers() && each.overlaps(from, to));
  }

  /// Whether the cancel came while the call was open or its answer on the way: they may have
  /// crossed.
  boolean cancelledDuring(Call call) {
    Instant end = call.ended().at();
    Instant until = end.equals(Instant.MAX) ? end : end.plus(OUTCOME_GRACE);
    return finalState() == JobState.CANCELLED
        && cancel.map(asked -> !until.isBefore(asked.askedAt())).orElse(true);
  }
}
