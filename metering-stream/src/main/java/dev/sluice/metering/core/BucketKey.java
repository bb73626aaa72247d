package dev.sluice.metering.core;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// What one running total is of.
///
/// @param start of the period, UTC
/// @param model the caller named
public record BucketKey(
    Period period,
    Instant start,
    String tenant,
    String model,
    String keyId,
    Map<String, String> tags) {
  public BucketKey {
    tags = Map.copyOf(tags);
  }

  /// `start|tenant|model|key|tag=value,…` with tags in order and everything that could be mistaken
  /// for a separator percent-encoded: the same group has the same text, and no other group has it.
  public String text() {
    String tagText =
        new TreeMap<>(tags)
            .entrySet().stream()
                .map(tag -> encoded(tag.getKey()) + "=" + encoded(tag.getValue()))
                .collect(Collectors.joining(","));
    return String.join(
        "|", start.toString(), encoded(tenant), encoded(model), encoded(keyId), tagText);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
