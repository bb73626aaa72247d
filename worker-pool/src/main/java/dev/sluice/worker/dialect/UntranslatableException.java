package dev.sluice.worker.dialect;

/// A request says something for which the provider's dialect has no word. Nothing is dropped for
/// that: the request is refused, and the message begins with the field's path.
public final class UntranslatableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UntranslatableException(String path, String what) {
    super(path + ": " + what);
  }
}
