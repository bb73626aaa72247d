package dev.sluice.deploy;

import java.io.Serial;

/// The place where Sluice should run does not let it: a port is taken, a folder cannot be written.
/// The message is one line for a person, with what to do; no stack trace is shown for it.
public final class StartFailure extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  public StartFailure(String message) {
    super(message);
  }

  public StartFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
