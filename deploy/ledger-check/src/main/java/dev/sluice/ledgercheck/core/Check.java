package dev.sluice.ledgercheck.core;

import java.util.function.Consumer;

/// One group of promises, checked on one job at a time.
interface Check {
  void check(JobTrace job, Ledgers ledgers, Consumer<Violation> found);
}
