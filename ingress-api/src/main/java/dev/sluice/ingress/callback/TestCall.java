package dev.sluice.ingress.callback;

import dev.sluice.ingress.core.callback.AttemptAnswer;
import dev.sluice.ingress.core.callback.Receiver;
import java.time.Instant;

/// Sends a sample event to an endpoint, once, while its owner waits.
public interface TestCall {

  /// @param type name of the event
  /// @param mark part of the event's id: the same mark is the same event
  /// @param at when it happened
  AttemptAnswer send(Receiver endpoint, String type, String mark, Instant at);
}
