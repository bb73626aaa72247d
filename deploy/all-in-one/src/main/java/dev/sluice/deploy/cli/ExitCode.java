package dev.sluice.deploy.cli;

/// What every command tells its caller; scripts rely on the numbers.
enum ExitCode {
  DONE(0),
  /// The work itself failed: a job that ended in an error, a server that broke.
  FAILED(1),
  /// Wrong usage or configuration.
  USAGE(2),
  /// Something this machine lacks: a free port, a writable folder, a running Sluice.
  ENVIRONMENT(3),
  NOT_FOUND(4),
  /// Refused: credential, scope, quota.
  REFUSED(5),
  TIMED_OUT(6);

  private final int number;

  ExitCode(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }
}
