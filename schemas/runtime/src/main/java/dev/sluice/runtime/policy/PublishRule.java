package dev.sluice.runtime.policy;

/// Decides whether a policy is to be published over the one in force. Pure.
final class PublishRule {
  private PublishRule() {}

  /// @param version in force; 0 for none
  /// @param digest of the policy in force
  /// @param origin who published it
  record InForce(long version, String digest, PolicyOrigin origin) {
    static final InForce NOTHING = new InForce(0, "", PolicyOrigin.NOBODY);
  }

  /// What to do with a new policy.
  sealed interface Decision {
    record Write(long version, PolicyOrigin origin) implements Decision {}

    record Leave(PublishOutcome because) implements Decision {}
  }

  /// A start publishes its file when the file's policy is not what a start last published.
  static Decision ofFile(InForce inForce, String digest) {
    PolicyOrigin last = inForce.origin();
    if (inForce.version() > 0 && last.fileDigest().equals(digest)) {
      boolean same = inForce.digest().equals(digest);
      return new Decision.Leave(
          same
              ? new PublishOutcome.Unchanged(inForce.version())
              : new PublishOutcome.KeptApplied(inForce.version()));
    }
    // Also where `apply` brought the same policy first: the file has now been published, and a
    // later `apply` is to win over it.
    return new Decision.Write(inForce.version() + 1, new PolicyOrigin(false, digest));
  }

  /// `apply` publishes whatever is not in force.
  static Decision ofApply(InForce inForce, String digest) {
    if (inForce.version() > 0 && inForce.digest().equals(digest)) {
      return new Decision.Leave(new PublishOutcome.Unchanged(inForce.version()));
    }
    return new Decision.Write(
        inForce.version() + 1, new PolicyOrigin(true, inForce.origin().fileDigest()));
  }
}
