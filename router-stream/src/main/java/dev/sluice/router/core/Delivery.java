package dev.sluice.router.core;

import java.util.Optional;

/// How a job's answer gets back to who asked; the same from its submission on.
///
/// @param stream whether deltas are wanted
/// @param attached whether a connection waited for it at submission
/// @param callback who is told of its end; empty when nobody is
public record Delivery(
    int replyPartition, boolean stream, boolean attached, Optional<Callback> callback) {

  /// One whole answer, for whoever asks for it.
  public static Delivery kept(int replyPartition) {
    return new Delivery(replyPartition, false, false, Optional.empty());
  }
}
