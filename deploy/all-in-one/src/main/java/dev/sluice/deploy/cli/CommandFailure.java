package dev.sluice.deploy.cli;

import java.io.Serial;

/// Ends a command with a code and one line for the person who typed it.
final class CommandFailure extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final ExitCode code;

  CommandFailure(ExitCode code, String message) {
    super(message);
    this.code = code;
  }

  ExitCode code() {
    return code;
  }
}
