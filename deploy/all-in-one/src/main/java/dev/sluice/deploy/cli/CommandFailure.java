package dev.sluice.deploy.cli;

import java.io.Serial;

/// Ends a command with a code and one line for the person who typed it.
final class CommandFailure extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final ExitCode code;
  private final boolean mayPass;

  CommandFailure(ExitCode code, String message) {
    this(code, message, false);
  }

  private CommandFailure(ExitCode code, String message, boolean mayPass) {
    super(message);
    this.code = code;
    this.mayPass = mayPass;
  }

  /// One that the same request may not meet a moment later, such as a server that is restarted.
  static CommandFailure passing(ExitCode code, String message) {
    return new CommandFailure(code, message, true);
  }

  boolean mayPass() {
    return mayPass;
  }

  ExitCode code() {
    return code;
  }
}
