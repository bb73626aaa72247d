package dev.sluice.contract.serde;

/// The registry said no, or could not be asked.
public final class SchemaRegistryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// Confluent's error code, such as 40401; 0 when the registry could not be reached.
  private final int errorCode;

  public SchemaRegistryException(int errorCode, String message) {
    super(message);
    this.errorCode = errorCode;
  }

  public SchemaRegistryException(String message, Throwable cause) {
    super(message, cause);
    this.errorCode = 0;
  }

  public int errorCode() {
    return errorCode;
  }

  /// Whether a later try may succeed.
  public boolean transientFault() {
    return errorCode == 0;
  }
}
