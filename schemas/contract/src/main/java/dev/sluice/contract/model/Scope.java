package dev.sluice.contract.model;

import java.util.Locale;

/// What an API key allows.
public enum Scope {
  SUBMIT,
  READ,
  CANCEL,
  COSTS,
  ADMIN;

  /// Its name in configuration.
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
