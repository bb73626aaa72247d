package dev.sluice.ingress.callback;

import dev.sluice.contract.avro.Callback;
import dev.sluice.contract.avro.CallbackState;
import dev.sluice.ingress.core.callback.Delivery;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;

/// Writes what an attempt came to, and waits until the log has it. A delivery leaves the log only
/// after what says how it ended is there.
final class OutcomeWriter {
  private final CallbackWriter writer;
  private final CallbackMeters meters;

  OutcomeWriter(CallbackWriter writer, CallbackMeters meters) {
    this.writer = writer;
    this.meters = meters;
  }

  /// @return the offset of the delivery's own record
  /// @throws java.util.concurrent.CompletionException when the log did not take it
  long write(Delivery delivery, Attempts.Outcome outcome) {
    Callback record = outcome.record();
    List<CompletableFuture<Long>> first = new ArrayList<>();
    first.add(writer.attempted(record));
    CallbackState state = record.getState();
    if (state == CallbackState.EXHAUSTED || state == CallbackState.DISABLED) {
      first.add(writer.deadLetter(record, why(record)));
    }
    CompletableFuture.allOf(first.toArray(CompletableFuture[]::new)).join();
    if (outcome.next() != null) {
      return writer.write(record).join();
    }
    long offset = writer.end(delivery.tenant(), delivery.id()).join();
    meters.over(state.name().toLowerCase(Locale.ROOT));
    return offset;
  }

  private static String why(Callback record) {
    String error = record.getLastError();
    String last = error == null ? "answered " + record.getLastStatus() : error;
    return record.getState() == CallbackState.EXHAUSTED
        ? "callback not delivered after " + record.getAttempts() + " attempts; the last: " + last
        : "callback not delivered, its receiver is gone: " + last;
  }
}
