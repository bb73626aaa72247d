package dev.sluice.ingress.callback;

import dev.sluice.ingress.core.callback.Receiver;

/// Where changes of endpoints are written.
public interface EndpointLog {

  /// Writes and waits for all replicas.
  ///
  /// @return the offset of the record
  /// @throws dev.sluice.ingress.log.LogUnavailableException when that takes too long
  long put(Receiver endpoint);

  /// Writes that an endpoint is gone, and waits.
  long remove(String tenant, String id);
}
