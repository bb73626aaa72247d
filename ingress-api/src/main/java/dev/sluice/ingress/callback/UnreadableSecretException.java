package dev.sluice.ingress.callback;

/// A signing secret that this process cannot read: it holds another key.
public final class UnreadableSecretException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnreadableSecretException(String message) {
    super(message);
  }
}
