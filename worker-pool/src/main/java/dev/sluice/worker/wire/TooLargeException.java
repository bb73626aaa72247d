package dev.sluice.worker.wire;

/// A part of an answer is larger than its cap.
public final class TooLargeException extends Exception {
  private static final long serialVersionUID = 1L;

  public TooLargeException(String what, long maxBytes) {
    super(what + " is larger than " + maxBytes + " bytes");
  }
}
