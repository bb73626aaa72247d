package dev.sluice.router.core;

import java.util.Map;
import java.util.OptionalLong;

/// What routing asks of a submission beyond what every job keeps. Part of the job's record where
/// its plan asks, so that a job that is placed hours later is judged by the same facts.
///
/// @param endpoint of the body
/// @param inputTokens estimate of the prompt, tokens
/// @param maxOutputTokens the caller's limit, tokens
/// @param tags the caller's tags
/// @param headers request headers that were kept, names in lower case
public record RouteFacts(
    String endpoint,
    long inputTokens,
    OptionalLong maxOutputTokens,
    Map<String, String> tags,
    Map<String, String> headers) {

  public RouteFacts {
    tags = Map.copyOf(tags);
    headers = Map.copyOf(headers);
  }
}
