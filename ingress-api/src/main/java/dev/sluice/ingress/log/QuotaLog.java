package dev.sluice.ingress.log;

import dev.sluice.contract.avro.QuotaReading;
import dev.sluice.contract.avro.QuotaState;
import java.util.List;
import java.util.Optional;

/// What tenants have used of their limits, as their writers tell it: at most a fraction of a second
/// old.
public interface QuotaLog {

  /// What a tenant has used of all limits but those of single values of tags; empty while it has
  /// met none of them.
  Optional<QuotaState> of(String tenant);

  /// What single values of tags have used of limits that each value has for itself, in the order of
  /// the limits' names.
  ///
  /// @param after the name behind which to begin; empty for all
  /// @param most count
  List<QuotaReading> ofValues(String tenant, String after, int most);

  /// The same of one value; empty where it has used nothing.
  Optional<QuotaReading> ofValue(String tenant, String limit);
}
