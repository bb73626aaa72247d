package dev.sluice.ingress.blob;

import java.io.IOException;

/// The blob store did not do what it was asked. Nothing was changed, or nothing that anybody sees.
public final class BlobStoreException extends IOException {
  private static final long serialVersionUID = 1;

  /// Who can do something about it.
  public enum Kind {
    /// It does not answer, or says that it cannot now; later it may.
    UNREACHABLE,
    /// It answered that it will not, which only the operator can change.
    REFUSED,
    /// The writer took longer than a blob may take.
    TOO_SLOW
  }

  private final Kind kind;

  /// @param message for callers: no host, no key, no credential
  BlobStoreException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  BlobStoreException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
