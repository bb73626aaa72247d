package dev.sluice.worker.dialect;

/// A provider's answer is not one that its dialect gives to the translated request.
public final class UnexpectedAnswerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnexpectedAnswerException(String what) {
    super(what);
  }
}
