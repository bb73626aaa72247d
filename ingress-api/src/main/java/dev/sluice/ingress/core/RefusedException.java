package dev.sluice.ingress.core;

/// Carries a refusal out of the depth of a request. Without a stack trace: it is an answer, not a
/// fault.
public final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Refusal refusal;

  public RefusedException(Refusal refusal) {
    super(refusal.message(), null, false, false);
    this.refusal = refusal;
  }

  public Refusal refusal() {
    return refusal;
  }
}
