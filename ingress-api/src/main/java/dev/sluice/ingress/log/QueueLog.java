package dev.sluice.ingress.log;

import dev.sluice.contract.model.Priority;
import dev.sluice.ingress.core.QueuePlace;
import java.util.List;

/// Who waits where, as the tenants' writers tell it about once a second.
public interface QueueLog {

  /// The lines of a tenant's jobs of one class, one a pool and router partition.
  List<QueuePlace.Line> lines(String tenant, Priority priority);
}
