package dev.sluice.contract.serde;

/// The registry said no, or could not be asked.
public final class SchemaRegistryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public static final int SUBJECT_NOT_FOUND = 40401;
  public static final int VERSION_NOT_FOUND = 40402;
  public static final int SCHEMA_NOT_FOUND = 40403;
  public static final int INCOMPATIBLE = 409;
  public static final int INVALID_SCHEMA = 42201;

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

  /// The HTTP status it came with, or 0: the first three digits of the error code.
  public int httpStatus() {
    return errorCode > 999 ? errorCode / 100 : errorCode;
  }

  /// Whether a later try may succeed.
  public boolean transientFault() {
    int status = httpStatus();
    return status == 0 || status >= 500 || status == 408 || status == 429;
  }
}
