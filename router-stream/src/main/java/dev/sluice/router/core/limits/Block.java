package dev.sluice.router.core.limits;

import dev.sluice.contract.model.Limit;
import dev.sluice.contract.model.Limit.Unit;
import dev.sluice.contract.model.Limit.Window;
import java.time.Instant;
import java.util.Optional;

/// The limit that a job does not fit into now.
///
/// @param shards among which the limit is divided; its amount is what the job's shard has of it
/// @param key names the limit and whose it is
/// @param wanted what the job may take at worst, in the limit's unit
/// @param left what is left of it
/// @param fitsAt when it will fit if nobody else takes anything; empty when that hangs on the end
///   of other jobs
public record Block(
    Limit limit, int shards, String key, long wanted, long left, Optional<Instant> fitsAt) {

  /// The word that callers see: `capacity`, `budget` or `rate`.
  public String reason() {
    if (limit.unit() == Unit.IN_FLIGHT) {
      return "capacity";
    }
    return limit.window() instanceof Window.Calendar ? "budget" : "rate";
  }

  /// Whether no moment will do: the job alone is larger than the limit.
  public boolean never() {
    return exceeds(limit, wanted);
  }

  /// The same of any amount. Where a task has nothing of a limit that can change: its tenant's
  /// shards are others then.
  static boolean exceeds(Limit limit, long wanted) {
    return limit.amount() > 0 && wanted > limit.amount();
  }

  /// What happened, for the caller.
  public String said() {
    String amount = limit.amountText(limit.amount());
    return "limit "
        + key
        + (shards == 1
            ? " of " + amount
            : ", of which the writer of this job has "
                + amount
                + " (the tenant is in "
                + shards
                + " shards)")
        + ": "
        + limit.amountText(left)
        + " left, and this job may take "
        + limit.amountText(wanted);
  }
}
