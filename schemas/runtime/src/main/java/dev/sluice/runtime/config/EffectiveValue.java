package dev.sluice.runtime.config;

/// A value in force and where it came from, to be shown at start.
///
/// @param path such as `server.port`
/// @param value as text; never a secret
/// @param origin `default`, `sluice.yaml:3:9`, `SLUICE_PORT`, `--port`
public record EffectiveValue(String path, String value, String origin) {

  @Override
  public String toString() {
    return path + " = " + value + " (" + origin + ")";
  }
}
