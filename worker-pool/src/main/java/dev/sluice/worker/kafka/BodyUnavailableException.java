package dev.sluice.worker.kafka;

/// The submission behind a piece of work cannot be read.
final class BodyUnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  BodyUnavailableException(String message) {
    super(message);
  }

  BodyUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
