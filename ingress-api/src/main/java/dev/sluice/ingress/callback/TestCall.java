package dev.sluice.ingress.callback;

import dev.sluice.ingress.core.callback.AttemptAnswer;
import dev.sluice.ingress.core.callback.Receiver;

/// Sends a sample event to an endpoint, once, while its owner waits.
public interface TestCall {

  /// @param type name of the event
  AttemptAnswer send(Receiver endpoint, String type);
}
