package dev.sluice.deploy.cli;

/// One thing that `sluice doctor` looked at; what is not good says what to do.
sealed interface Finding {
  record Good(String what) implements Finding {}

  record Bad(String what, String remedy) implements Finding {}
}
