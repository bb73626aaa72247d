package dev.sluice.ingress.core;

import dev.sluice.contract.model.Priority;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// What a valid request asks for, whichever surface it came through.
///
/// @param endpoint path of the dialect the body is in
/// @param body as it goes to the provider
/// @param choices answers asked for at once, from 1
/// @param callback the job's own callback
/// @param serviceTier the vendors' tier; empty when not given
/// @param cache what it wants of earlier answers; empty when it does not say
/// @param idempotencyKey as a member of the body names it
@SuppressWarnings("ArrayRecordComponent") // read-only by agreement: a body is up to megabytes
public record Submitted(
    String endpoint,
    String model,
    byte[] body,
    boolean stream,
    boolean includeUsage,
    OptionalLong maxOutputTokens,
    int choices,
    String serviceTier,
    Optional<Priority> priority,
    Optional<Instant> deadline,
    Map<String, String> tags,
    Optional<String> session,
    Optional<String> group,
    Optional<String> idempotencyKey,
    Optional<CallbackWish> callback,
    Optional<CacheWish> cache) {

  /// A token is about four bytes of English; never billed.
  private static final int BYTES_PER_TOKEN = 4;

  public Submitted {
    tags = Map.copyOf(tags);
  }

  /// A request whose body names no key.
  public Submitted(
      String endpoint,
      String model,
      byte[] body,
      boolean stream,
      boolean includeUsage,
      OptionalLong maxOutputTokens,
      int choices,
      String serviceTier,
      Optional<Priority> priority,
      Optional<Instant> deadline,
      Map<String, String> tags,
      Optional<String> session,
      Optional<String> group) {
    this(
        endpoint,
        model,
        body,
        stream,
        includeUsage,
        maxOutputTokens,
        choices,
        serviceTier,
        priority,
        deadline,
        tags,
        session,
        group,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  public long estimatedInputTokens() {
    return body.length / BYTES_PER_TOKEN + 1L;
  }

  public Submitted withBody(byte[] expanded) {
    return with(expanded, tags, callback);
  }

  public Submitted withTags(Map<String, String> more) {
    return with(body, more, callback);
  }

  /// The same with its callback as it was checked.
  public Submitted toldTo(CallbackWish checked) {
    return with(body, tags, Optional.of(checked));
  }

  private Submitted with(
      byte[] otherBody, Map<String, String> otherTags, Optional<CallbackWish> otherCallback) {
    return new Submitted(
        endpoint,
        model,
        otherBody,
        stream,
        includeUsage,
        maxOutputTokens,
        choices,
        serviceTier,
        priority,
        deadline,
        otherTags,
        session,
        group,
        idempotencyKey,
        otherCallback,
        cache);
  }
}
