package dev.sluice.contract.model;

/// Every reason for which a request, a job or a record can fail: one stable word in HTTP bodies, in
/// records, in metrics and in `docs/errors.md`.
public enum ErrorCode {
  // The caller can mend these.
  INVALID_API_KEY(Kind.CALLER, 401, false),
  FORBIDDEN(Kind.CALLER, 403, false),
  NOT_FOUND(Kind.CALLER, 404, false),
  METHOD_NOT_ALLOWED(Kind.CALLER, 405, false),
  MODEL_NOT_FOUND(Kind.CALLER, 404, false),
  MALFORMED_JSON(Kind.CALLER, 400, false),
  BAD_FRAMING(Kind.CALLER, 400, false),
  BAD_HEADER(Kind.CALLER, 400, false),
  UNSUPPORTED_MEDIA_TYPE(Kind.CALLER, 415, false),
  TOO_LARGE(Kind.CALLER, 413, false),
  HEADERS_TOO_LARGE(Kind.CALLER, 431, false),
  SCHEMA_VIOLATION(Kind.CALLER, 422, false),
  IDEMPOTENCY_KEY_REUSED(Kind.CALLER, 422, false),
  /// A callback URL that names a place where callbacks may not go.
  CALLBACK_DENIED(Kind.CALLER, 422, false),
  /// A receiver that took no callback: after all retries, or it said that it is gone.
  CALLBACK_FAILED(Kind.CALLER, 502, false),
  ENDPOINT_NOT_SERVED(Kind.CALLER, 404, false),
  /// What a conversation should go on from does not exist, has not ended well or was not stored.
  PREVIOUS_RESPONSE_NOT_FOUND(Kind.CALLER, 400, false),
  NOT_CANCELLABLE(Kind.CALLER, 400, false),
  /// The job has begun or ended, so how it waits cannot be changed any more.
  NOT_WAITING(Kind.CALLER, 409, false),
  CANCELLED(Kind.CALLER, 499, false),
  DEADLINE_EXCEEDED(Kind.CALLER, 504, true),
  /// The provider refused the request itself, as it would have refused it from the caller.
  PROVIDER_REFUSED(Kind.CALLER, 400, false),
  /// A field has no equivalent in the dialect of the provider that the route leads to.
  UNTRANSLATABLE(Kind.CALLER, 400, false),
  CONTEXT_LENGTH_EXCEEDED(Kind.CALLER, 400, false),
  /// No route of the model may ever take the job under this policy.
  NO_ROUTE(Kind.CALLER, 400, false),

  /// The job alone may use more than a limit of its tenant allows at all.
  EXCEEDS_LIMIT(Kind.CALLER, 429, false),
  /// Spending is limited and a route of the model has no price.
  UNPRICED_MODEL(Kind.CALLER, 422, false),

  // Time or capacity mends these.
  RATE_LIMITED(Kind.CAPACITY, 429, true),
  /// What may be used in a period is used, or reserved by jobs that run.
  BUDGET_EXCEEDED(Kind.CAPACITY, 429, false),
  UNAVAILABLE(Kind.CAPACITY, 503, true),

  // The provider failed, after all retries.
  PROVIDER_THROTTLED(Kind.PROVIDER, 429, true),
  PROVIDER_DOWN(Kind.PROVIDER, 502, true),
  PROVIDER_TIMEOUT(Kind.PROVIDER, 504, true),
  PROVIDER_BAD_ANSWER(Kind.PROVIDER, 502, true),
  PROVIDER_KEY_REJECTED(Kind.PROVIDER, 502, false),
  /// A stream that had shown a byte broke; it cannot be continued by another attempt.
  STREAM_INTERRUPTED(Kind.PROVIDER, 502, true),
  /// The worker died after it may have called; the tenant chose not to repeat such calls.
  OUTCOME_UNKNOWN(Kind.PROVIDER, 502, true),

  // Records that cannot be used.
  DECODE_ERROR(Kind.INTERNAL, 500, false),
  UNKNOWN_SCHEMA(Kind.INTERNAL, 500, false),
  TENANT_MISMATCH(Kind.INTERNAL, 500, false),
  LIMITS(Kind.INTERNAL, 500, false),
  POISON(Kind.INTERNAL, 500, false),
  INTERNAL_ERROR(Kind.INTERNAL, 500, true);

  /// Who can do something about it.
  public enum Kind {
    CALLER,
    CAPACITY,
    PROVIDER,
    INTERNAL
  }

  private final Kind kind;
  private final int httpStatus;
  private final boolean retryable;
  private final String code;

  ErrorCode(Kind kind, int httpStatus, boolean retryable) {
    this.kind = kind;
    this.httpStatus = httpStatus;
    this.retryable = retryable;
    this.code = name().toLowerCase(java.util.Locale.ROOT);
  }

  public Kind kind() {
    return kind;
  }

  /// Status on the native surface; the vendors' surfaces map a few differently.
  public int httpStatus() {
    return httpStatus;
  }

  /// Whether the same request may succeed later.
  public boolean retryable() {
    return retryable;
  }

  /// The stable word, such as `model_not_found`.
  public String code() {
    return code;
  }

  /// The code of that word; INTERNAL_ERROR for a word this version does not know.
  public static ErrorCode of(String code) {
    for (ErrorCode value : values()) {
      if (value.code.equals(code)) {
        return value;
      }
    }
    return INTERNAL_ERROR;
  }
}
