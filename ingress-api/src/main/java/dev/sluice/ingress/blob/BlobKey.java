package dev.sluice.ingress.blob;

import java.util.regex.Pattern;

/// What a key looks like, in every store.
final class BlobKey {
  private static final Pattern FORM =
      Pattern.compile("[a-z0-9_-][a-z0-9_.-]*(/[a-z0-9_-][a-z0-9_.-]*)*");

  private BlobKey() {}

  /// @throws IllegalArgumentException for anything else: a key is never what a caller sent
  static String checked(String key) {
    if (!FORM.matcher(key).matches()) {
      throw new IllegalArgumentException("not a key of a blob");
    }
    return key;
  }
}
