package dev.sluice.ledgercheck.core;

import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// I4 and I5: one end, the same on every channel and for ever.
final class StateCheck implements Check {
  @Override
  public void check(JobTrace job, Ledgers ledgers, Consumer<Violation> found) {
    Set<JobState> ends = EnumSet.noneOf(JobState.class);
    for (Reading reading : job.readings()) {
      if (reading.state().terminal()) {
        ends.add(reading.state());
      }
    }
    if (ends.size() > 1) {
      found.accept(new Violation(Invariant.I4, job.marker(), "several ends: " + ends));
    }
    if (!ends.isEmpty()) {
      checkNothingAfterTheEnd(job, found);
      checkEveryChannelShowsTheEnd(job, found);
    }
    Set<Served> results =
        job.readings().stream()
            .flatMap(reading -> reading.served().stream())
            .collect(Collectors.toSet());
    job.answer().filter(Answer::complete).flatMap(Answer::served).ifPresent(results::add);
    if (results.size() > 1) {
      found.accept(
          new Violation(Invariant.I5, job.marker(), "channels show different results: " + results));
    }
    checkCost(job, found);
  }

  private static void checkNothingAfterTheEnd(JobTrace job, Consumer<Violation> found) {
    for (Reading end : job.readings()) {
      if (!end.state().terminal()) {
        continue;
      }
      job.readings().stream()
          .filter(later -> later.at().isAfter(end.at()) && contradictsAnEnd(later.state()))
          .findFirst()
          .ifPresent(later ->
              found.accept(
                  new Violation(
                      Invariant.I4,
                      job.marker(),
                      "%s on %s, then %s on %s"
                          .formatted(end.state(), end.channel(), later.state(), later.channel()))));
      return;
    }
  }

  private static void checkEveryChannelShowsTheEnd(JobTrace job, Consumer<Violation> found) {
    Set<Channel> silent = EnumSet.noneOf(Channel.class);
    job.readings().forEach(reading -> silent.add(reading.channel()));
    job.readings().stream()
        .filter(reading -> reading.state().terminal())
        .forEach(reading -> silent.remove(reading.channel()));
    // A list is read while jobs may still run.
    silent.remove(Channel.LIST);
    if (!silent.isEmpty()) {
      found.accept(new Violation(Invariant.I5, job.marker(), "no end is shown by " + silent));
    }
  }

  /// A reading that was not answered says nothing about the job.
  private static boolean contradictsAnEnd(JobState later) {
    return !later.terminal() && later != JobState.UNREADABLE;
  }

  private static void checkCost(JobTrace job, Consumer<Violation> found) {
    long owedRows = job.attempts().stream().mapToLong(row -> row.owedPico().orElse(0L)).sum();
    long chargedRows = job.charges().stream().mapToLong(row -> row.chargedPico().orElse(0L)).sum();
    for (Reading reading : job.readings()) {
      if (reading.cost().isEmpty() || !reading.state().terminal()) {
        continue;
      }
      Reading.ShownCost shown = reading.cost().get();
      boolean unpriced = job.charges().stream().anyMatch(CostEntry::unpriced);
      long charged = shown.chargedPico().orElse(0L);
      if (charged != chargedRows || (shown.unpriced() != unpriced && !job.charges().isEmpty())) {
        found.accept(
            new Violation(
                Invariant.I5,
                job.marker(),
                "%s shows a charge of %s pico-USD, the cost rows %d"
                    .formatted(reading.channel(), shown.chargedPico(), chargedRows)));
        return;
      }
      // A call orphaned by a crash may be accounted after the job has ended.
      if (shown.owedPico().orElse(0L) > owedRows) {
        found.accept(
            new Violation(
                Invariant.I5,
                job.marker(),
                "%s shows %s pico-USD owed, the cost rows %d"
                    .formatted(reading.channel(), shown.owedPico(), owedRows)));
        return;
      }
    }
  }
}
