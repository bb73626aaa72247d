package dev.sluice.ingress.core;

import dev.sluice.contract.model.Control;
import java.time.Instant;

/// Why a job must not run now, as callers are shown it.
///
/// @param reason one stable word, such as `rate` or `paused`
/// @param by the limit or the control that holds it; empty when none does
/// @param until when it may go on, as far as is known; else [Instant#EPOCH]
/// @param note what whoever holds it back wants others to know; empty for nothing
public record Hold(String reason, String by, Instant until, String note) {

  /// Somebody holds it back.
  public static Hold of(Control control) {
    return new Hold("paused", control.target().label(), Instant.EPOCH, control.note());
  }
}
