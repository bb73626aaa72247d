package dev.sluice.router.core.limits;

import dev.sluice.router.core.limits.Meter.Share;
import dev.sluice.router.core.limits.Stake.Stage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a job takes of its tenant's limits: what it may use at worst, and after its end what it has
/// used. Pure.
///
/// @param worst what jobs may use under the policy in force
record Takings(WorstCase worst) {

  /// Its share of each meter that counts it.
  List<Share> of(Account account, Stake job) {
    List<Meter> counting = account.metersOf(job.demand());
    List<Share> all = new ArrayList<>(counting.size());
    @Nullable Amounts amounts = amounts(account, job, counting);
    for (Meter meter : counting) {
      Share share = amounts == null ? null : share(meter, job, amounts);
      if (share != null) {
        all.add(share);
      }
    }
    return all;
  }

  /// What a job takes at worst, or took; null when it takes nothing.
  @Nullable Amounts amounts(Account account, Stake job, List<Meter> counting) {
    if (job.stage() != Stage.ENDED) {
      Corrections learnt = account.corrections();
      return worst.of(job, counting, learnt).orElseGet(() -> worst.unpriced(job, counting, learnt));
    }
    return job.spent()
        .filter(spent -> spent.sequence() > account.settled())
        .map(Amounts::of)
        .orElse(job.inFlight() ? Amounts.NONE : null);
  }

  private static @Nullable Share share(Meter meter, Stake job, Amounts amounts) {
    boolean ended = job.stage() == Stage.ENDED;
    if (meter.inFlight()) {
      boolean counts = job.inFlight() || (meter.early() && !ended);
      return counts ? meter.reserves(1) : null;
    }
    long amount = amounts.of(meter.limit().unit());
    if (ended) {
      return job.spent()
          // A crash may have come between the records of a value and of its tenant.
          .filter(spent -> spent.sequence() > meter.settled())
          .map(spent ->
              meter.at(meter.rolling() ? job.startedAt().orElse(spent.at()) : spent.at(), amount))
          .orElse(null);
    }
    if (job.stage() == Stage.ADMITTED && !meter.early()) {
      return null;
    }
    return meter.rolling() && job.startedAt().isPresent()
        ? meter.at(job.startedAt().get(), amount)
        : meter.reserves(amount);
  }
}
