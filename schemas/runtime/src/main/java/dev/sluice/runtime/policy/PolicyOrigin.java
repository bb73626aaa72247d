package dev.sluice.runtime.policy;

/// Who published a policy, as the text that its record carries: `file sha256:…` or `apply after
/// sha256:…`. A record of `apply` keeps the digest of the last file, because compaction removes the
/// record of that file itself.
///
/// @param applied published by `apply`, not by a start
/// @param fileDigest of the policy that a start last published; empty text when none has
record PolicyOrigin(boolean applied, String fileDigest) {
  static final PolicyOrigin NOBODY = new PolicyOrigin(false, "");

  private static final String FILE = "file ";
  private static final String APPLY = "apply after ";

  static PolicyOrigin parse(String text) {
    if (text.startsWith(APPLY)) {
      return new PolicyOrigin(true, text.substring(APPLY.length()));
    }
    return text.startsWith(FILE)
        ? new PolicyOrigin(false, text.substring(FILE.length()))
        : new PolicyOrigin(true, "");
  }

  String text() {
    return (applied ? APPLY : FILE) + fileDigest;
  }
}
