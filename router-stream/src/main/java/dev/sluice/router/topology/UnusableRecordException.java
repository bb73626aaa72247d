package dev.sluice.router.topology;

/// A record is well formed and says what cannot be. Thrown before it has changed anything.
final class UnusableRecordException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnusableRecordException(String message) {
    super(message);
  }
}
