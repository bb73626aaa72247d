package dev.sluice.ledgercheck.core;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/// I8 and the money of I9: charges counted and every amount recomputed.
final class MoneyCheck implements Check {
  @Override
  public void check(JobTrace job, Ledgers ledgers, Consumer<Violation> found) {
    checkRows(job, ledgers, found);
    if (job.charges().size() > 1) {
      found.accept(new Violation(Invariant.I8, job.marker(), "charged more than once"));
      return;
    }
    boolean delivered = job.finalState() == JobState.SUCCEEDED;
    if (delivered && job.charges().isEmpty()) {
      found.accept(new Violation(Invariant.I8, job.marker(), "delivered, but not charged"));
    } else if (delivered) {
      checkChargeOfAnswer(job, job.charges().getFirst(), found);
    } else if (!job.charges().isEmpty()) {
      checkChargeWithoutAnswer(job, job.charges().getFirst(), found);
    }
  }

  private static void checkRows(JobTrace job, Ledgers ledgers, Consumer<Violation> found) {
    Set<String> seen = new HashSet<>();
    for (List<CostEntry> rows : List.of(job.attempts(), job.charges())) {
      for (CostEntry row : rows) {
        if (!seen.add(row.kind() + row.entryId())) {
          found.accept(
              new Violation(Invariant.I8, job.marker(), "row %s twice".formatted(row.entryId())));
        }
        checkAmounts(job, row, ledgers.prices(), found);
      }
    }
  }

  private static void checkAmounts(
      JobTrace job, CostEntry row, PriceTable prices, Consumer<Violation> found) {
    if (row.givenAgain()) {
      // Its amount is a part of another job's charge: CacheCheck.
      return;
    }
    boolean attempt = row.kind().equals(CostEntry.ATTEMPT);
    OptionalLong price = prices.pico(row.providerModel(), row.tokens());
    boolean right;
    if (price.isEmpty()) {
      right = row.unpriced() && row.chargedPico().isEmpty() && row.owedPico().isEmpty();
    } else {
      Optional<Long> own = Optional.of(price.getAsLong());
      Optional<Long> none = Optional.of(0L);
      right =
          !row.unpriced()
              && row.owedPico().equals(attempt ? own : none)
              && row.chargedPico().equals(attempt ? none : own);
    }
    // A call whose model has no price but that used nothing owes nothing.
    boolean nothing =
        row.total() == 0 && row.owedPico().orElse(0L) == 0 && row.chargedPico().orElse(0L) == 0;
    if (!right && !nothing) {
      found.accept(
          new Violation(
              attempt ? Invariant.I9 : Invariant.I8,
              job.marker(),
              "row %s of %s says charged %s owed %s unpriced %s, recomputed %s pico-USD"
                  .formatted(
                      row.entryId(),
                      row.tokens(),
                      row.chargedPico(),
                      row.owedPico(),
                      row.unpriced(),
                      price)));
    }
  }

  private static void checkChargeOfAnswer(
      JobTrace job, CostEntry charge, Consumer<Violation> found) {
    Optional<Call> delivered =
        job.served()
            .flatMap(served ->
                job.calls().stream()
                    .filter(call -> call.nonce().equals(served.nonce()))
                    .findFirst());
    boolean exact =
        delivered.isPresent()
            && delivered.get().reported()
            && charge.tokens().equals(delivered.get().tokens().byKind());
    boolean estimated =
        delivered.isPresent()
            && !delivered.get().reported()
            && job.attempts().stream().anyMatch(row -> row.tokens().equals(charge.tokens()));
    if (delivered.isPresent() && !exact && !estimated) {
      found.accept(
          new Violation(
              Invariant.I8,
              job.marker(),
              "charged for %s, the delivered call %s used %s"
                  .formatted(
                      charge.tokens(), delivered.get().id(), delivered.get().tokens().byKind())));
    }
  }

  private static void checkChargeWithoutAnswer(
      JobTrace job, CostEntry charge, Consumer<Violation> found) {
    long charged = charge.chargedPico().orElse(0L);
    long owed = job.attempts().stream().mapToLong(row -> row.owedPico().orElse(0L)).sum();
    boolean served = job.calls().stream().anyMatch(call -> call.ended().outputTokensSent() > 0);
    if (!served || charged > owed) {
      found.accept(
          new Violation(
              Invariant.I8,
              job.marker(),
              "%s, yet charged %d pico-USD of %d owed".formatted(job.finalState(), charged, owed)));
    }
  }
}
