package dev.sluice.runtime.config;

/// One thing that is wrong with a configuration.
///
/// @param path key it is about, such as `pools[0].base_url`; `syntax` when the file is no YAML
/// @param text what is wrong, and what to do; never a secret
public record Problem(Where where, String path, String text) {

  /// `file:line:col: path: what, and what to do`.
  @Override
  public String toString() {
    return where + ": " + path + ": " + text;
  }
}
