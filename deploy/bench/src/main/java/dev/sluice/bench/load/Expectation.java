package dev.sluice.bench.load;

import java.util.Optional;

/// What a right answer looks like.
///
/// @param contentEvents streamed events with text, 0 for a plain answer
public record Expectation(int status, int minBodyBytes, int contentEvents) {

  /// Why a reply is wrong; empty when it is right.
  Optional<String> objection(Reply reply) {
    if (reply.status() != status) {
      return Optional.of("status " + reply.status());
    }
    if (reply.bodyBytes() < minBodyBytes) {
      return Optional.of("body of " + reply.bodyBytes() + " bytes");
    }
    return reply.contentEvents() == contentEvents
        ? Optional.empty()
        : Optional.of(reply.contentEvents() + " events");
  }
}
