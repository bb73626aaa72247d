package dev.sluice.runtime.config;

/// A secret that something refers to is not there. The message names the reference and what to do.
public final class MissingSecretException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public MissingSecretException(String message) {
    super(message);
  }
}
