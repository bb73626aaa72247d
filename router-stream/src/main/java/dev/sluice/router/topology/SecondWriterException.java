package dev.sluice.router.topology;

/// Another router writes this task's changelog: this one must stop, and let the group decide.
final class SecondWriterException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SecondWriterException(String message) {
    super(message);
  }
}
