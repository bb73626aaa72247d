package dev.sluice.contract.docs;

import dev.sluice.contract.model.ErrorCode;

/// One line for each error code, as the documentation prints it. The switch is a table and has no
/// default: a new code without a meaning does not compile.
final class ErrorMeanings {

  private ErrorMeanings() {}

  static String of(ErrorCode code) {
    return switch (code) {
      case INVALID_API_KEY -> "No key was sent, or no tenant has it.";
      case FORBIDDEN -> "The key lacks the scope that the call needs.";
      case NOT_FOUND -> "No job of this tenant has the id; foreign and erased jobs look the same.";
      case METHOD_NOT_ALLOWED -> "The path answers to other methods; `Allow` names them.";
      case MODEL_NOT_FOUND -> "The policy has no model of this name, and no `*`.";
      case MALFORMED_JSON -> "The body is not one JSON object.";
      case BAD_FRAMING -> "The request could be read in two ways, came too slowly or broke off.";
      case BAD_HEADER -> "A header's value cannot be used, or the header is not served.";
      case UNSUPPORTED_MEDIA_TYPE -> "The body is not `application/json`, or is compressed.";
      case TOO_LARGE -> "The body is larger than `server.limits.body_bytes`.";
      case HEADERS_TOO_LARGE ->
          "The head is larger than `server.limits.header_bytes` or has over 100 headers; 414 where"
              + " its first line is to blame.";
      case SCHEMA_VIOLATION ->
          "A field is missing, wrong or not served; `pointer` or `param` names it.";
      case IDEMPOTENCY_KEY_REUSED ->
          "The idempotency key belongs to another request of the tenant, sent within the window.";
      case CALLBACK_DENIED ->
          "A callback URL may not be used: not https, or an address that is not public;"
              + " `server.callbacks.allow` opens networks.";
      case CALLBACK_FAILED ->
          "A receiver did not take a callback: not the one test call, or none of all attempts; then"
              + " it is in `sluice.dlq`.";
      case ENDPOINT_NOT_SERVED -> "Nothing is served at this path.";
      case PREVIOUS_RESPONSE_NOT_FOUND ->
          "`previous_response_id` names no response of this tenant that was completed and stored, and"
              + " whose request is still kept.";
      case NOT_CANCELLABLE -> "Only a response created with `background` can be cancelled.";
      case NOT_WAITING -> "The job has begun or ended, so how it waits cannot be changed any more.";
      case CANCELLED -> "The job was cancelled.";
      case DEADLINE_EXCEEDED -> "The deadline passed before the job ended.";
      case PROVIDER_REFUSED ->
          "The provider refused the request itself; its own words are passed on.";
      case UNTRANSLATABLE ->
          "The model's provider speaks another dialect, in which a field has no equivalent; the"
              + " message begins with its path.";
      case CONTEXT_LENGTH_EXCEEDED -> "The prompt is longer than the model allows.";
      case EXCEEDS_LIMIT ->
          "The job alone may use more than one of its tenant's limits allows; it can never run.";
      case UNPRICED_MODEL ->
          "Spending is limited by a budget, and a route of the model has no price.";
      case RATE_LIMITED ->
          "A limit of rate or concurrency is used up, and its policy refuses instead of holding, or"
              + " the caller would not wait long enough. `Retry-After` says when it fits.";
      case BUDGET_EXCEEDED ->
          "What may be used in a period is used, or reserved by jobs that run; `x-should-retry` is"
              + " false.";
      case NO_ROUTE ->
          "No route of the model may take the job: residency and conditions leave none. One that"
              + " waits for a pool or for the time is held instead.";
      case UNAVAILABLE ->
          "The log is not reached, or this process is stopping; `Retry-After` says when to come"
              + " back.";
      case PROVIDER_THROTTLED -> "The provider limited the rate, also after all attempts.";
      case PROVIDER_DOWN -> "The provider was not reached, answered 5xx or broke off.";
      case PROVIDER_TIMEOUT ->
          "The provider, or a slot of its pool, took longer than the pool's timeouts allow.";
      case PROVIDER_BAD_ANSWER -> "The provider's answer was not one.";
      case PROVIDER_KEY_REJECTED ->
          "The provider rejected the pool's key; an operator must mend it.";
      case STREAM_INTERRUPTED ->
          "The answer broke off after the caller had seen a part; no other attempt can continue"
              + " it.";
      case OUTCOME_UNKNOWN ->
          "The worker was lost after it may have called, and no other attempt followed.";
      case DECODE_ERROR -> "A record cannot be decoded, or does not name a job.";
      case UNKNOWN_SCHEMA -> "A record names a schema that the registry does not have.";
      case TENANT_MISMATCH ->
          "A record in `sluice.intake.<tenant>` names another tenant than its topic's; it is set aside"
              + " in `sluice.dlq`, and `sluice.audit` says who claimed to be whom.";
      case LIMITS -> "A record or an answer is larger than a record may be.";
      case POISON -> "A record is well formed and says what cannot be.";
      case INTERNAL_ERROR -> "A defect of Sluice; the log has its trace.";
    };
  }
}
