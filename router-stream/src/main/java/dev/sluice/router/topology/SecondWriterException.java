package dev.sluice.router.topology;

/// This task's changelog is another's now, or may be: this one must stop, and let the group decide.
final class SecondWriterException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SecondWriterException(String message) {
    super(message);
  }
}
