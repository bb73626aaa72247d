package dev.sluice.bench.mock;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// The two answers of the mock, made once.
public final class MockAnswers {
  /// Streamed events with text.
  public static final int EVENTS = 20;

  /// Bytes of the plain answer's body.
  public static final int PLAIN_BYTES = plainBody().length();

  private static final ByteBuffer PLAIN = http("application/json", plainBody());
  private static final ByteBuffer STREAM = stream(EVENTS);
  private static final ByteBuffer NO_CONTENT = ascii("HTTP/1.1 204 No Content\r\n\r\n");

  private MockAnswers() {}

  static ByteBuffer plain() {
    return PLAIN.duplicate();
  }

  static ByteBuffer stream() {
    return STREAM.duplicate();
  }

  /// A stream of another length.
  static ByteBuffer stream(int events) {
    return http("text/event-stream", streamBody(events));
  }

  static ByteBuffer noContent() {
    return NO_CONTENT.duplicate();
  }

  static ByteBuffer number(long number) {
    return http("text/plain", Long.toString(number));
  }

  private static ByteBuffer http(String type, String body) {
    return ascii(
        "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(type, body.length(), body));
  }

  private static ByteBuffer ascii(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)).asReadOnlyBuffer();
  }

  private static String plainBody() {
    return "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\",\"created\":1790000000,"
        + "\"model\":\"bench-1\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
        + "\"content\":\""
        + "A gateway adds as little as it can to an answer. ".repeat(4)
        + "\"},\"finish_reason\":\"stop\"}],"
        + "\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":40,\"total_tokens\":60}}";
  }

  private static String streamBody(int count) {
    String head =
        "data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\","
            + "\"created\":1790000000,\"model\":\"bench-1\",\"choices\":[";
    StringBuilder events = new StringBuilder();
    for (int i = 0; i < count; i++) {
      String role = i == 0 ? "\"role\":\"assistant\"," : "";
      events
          .append(head)
          .append("{\"index\":0,\"delta\":{")
          .append(role)
          .append("\"content\":\"token \"},\"finish_reason\":null}]}\n\n");
    }
    events.append(head).append("{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n");
    events
        .append(head)
        .append(
            "],\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":40,\"total_tokens\":60}}\n\n");
    return events.append("data: [DONE]\n\n").toString();
  }
}
