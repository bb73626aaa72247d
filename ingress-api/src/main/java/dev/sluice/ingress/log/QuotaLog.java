package dev.sluice.ingress.log;

import dev.sluice.contract.avro.QuotaState;
import java.util.Optional;

/// What tenants have used of their limits, as their writers tell it: at most a fraction of a second
/// old.
public interface QuotaLog {

  /// What a tenant has used; empty while it has met none of its limits.
  Optional<QuotaState> of(String tenant);
}
