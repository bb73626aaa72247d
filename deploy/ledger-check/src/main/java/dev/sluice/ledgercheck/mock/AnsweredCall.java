package dev.sluice.ledgercheck.mock;

import dev.sluice.ledgercheck.core.Call;
import dev.sluice.ledgercheck.core.Call.Ended;
import dev.sluice.ledgercheck.core.Call.How;
import dev.sluice.ledgercheck.core.ProviderFault;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;

/// Plays one call out on its connection, well or with its fault, and says how it ended.
///
/// Owned by the connection's thread.
final class AnsweredCall {
  /// Longer than any timeout of the pool under test.
  private static final Duration STALL = Duration.ofSeconds(40);

  private static final Duration READ_BEFORE_RESET = Duration.ofSeconds(1);

  private static final String JSON_TYPE = "application/json";

  private final Wire wire;
  private final Call call;
  private final List<String> pieces;
  private final Duration latency;
  private final boolean usageAsked;
  private long tokensSent;
  private boolean usageSent;
  private Instant leaving;

  AnsweredCall(Wire wire, Call call, List<String> pieces, Duration latency, boolean usageAsked) {
    this.wire = wire;
    this.call = call;
    this.pieces = pieces;
    this.latency = latency;
    this.usageAsked = usageAsked;
    this.leaving = call.beganAt();
  }

  /// The end of a whole answer is the moment before its last part leaves: whoever has it may have
  /// made the next call before this thread runs again.
  Ended play() throws IOException {
    How how = How.COMPLETE;
    try {
      if (call.stream() && hasBody()) {
        playStream();
      } else {
        wire.pause(latency);
        leaving = Instant.now();
        playPlain();
      }
    } catch (Wire.CallerLeftException left) {
      how = How.CLOSED_BY_CALLER;
      wire.close();
    }
    boolean told = how == How.COMPLETE && call.fault() != ProviderFault.STALL;
    return new Ended(
        told ? leaving : Instant.now(), how, tokensSent, usageSent, wire.takeBytesOut());
  }

  private boolean hasBody() {
    return switch (call.fault()) {
      case NONE, RESET_MID_BODY, STALL, TRUNCATED, MISSING_USAGE, MALFORMED_JSON -> true;
      case THROTTLED_SECONDS,
          THROTTLED_DATE,
          ERROR_500,
          UNAVAILABLE_503,
          OUTAGE,
          RESET_BEFORE_HEADERS,
          ERROR_IN_200 ->
          false;
    };
  }

  private void playPlain() throws IOException {
    switch (call.fault()) {
      case NONE -> answer(AnswerText.completion(call, content(), true), true);
      case MISSING_USAGE -> answer(AnswerText.completion(call, content(), false), false);
      case THROTTLED_SECONDS -> throttle("1");
      case THROTTLED_DATE ->
          throttle(
              DateTimeFormatter.RFC_1123_DATE_TIME.format(
                  Instant.now().plusSeconds(2).atOffset(ZoneOffset.UTC)));
      case ERROR_500 -> plain("500 Internal Server Error", AnswerText.error("server_error", "no"));
      case UNAVAILABLE_503, OUTAGE ->
          plain("503 Service Unavailable", AnswerText.error("overloaded_error", "busy"));
      case ERROR_IN_200 -> plain("200 OK", AnswerText.error("server_error", "no answer today"));
      case RESET_BEFORE_HEADERS -> wire.reset();
      case STALL -> wire.pause(STALL);
      case MALFORMED_JSON -> plain("200 OK", "{\"id\": \"chatcmpl\", \"choices\": [{]");
      case RESET_MID_BODY -> {
        sendHalf();
        wire.reset();
      }
      case TRUNCATED -> {
        sendHalf();
        wire.close();
      }
    }
  }

  private void answer(String body, boolean withUsage) throws IOException {
    plain("200 OK", body);
    tokensSent = call.tokens().completion();
    usageSent = withUsage;
  }

  private void throttle(String retryAfter) throws IOException {
    String body = AnswerText.error("rate_limit_error", "slow down");
    wire.send(
        head("429 Too Many Requests", JSON_TYPE, body.length())
            + "retry-after: "
            + retryAfter
            + "\r\n\r\n"
            + body);
  }

  private void plain(String status, String body) throws IOException {
    wire.send(head(status, JSON_TYPE, body.length()) + "\r\n" + body);
  }

  private void sendHalf() throws IOException {
    String body = AnswerText.completion(call, content(), true);
    wire.send(
        head("200 OK", JSON_TYPE, body.length()) + "\r\n" + body.substring(0, body.length() / 3));
  }

  private void playStream() throws IOException {
    wire.pause(latency.dividedBy(2));
    wire.send(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
    Duration gap = latency.dividedBy(2L * pieces.size());
    int cut = call.fault().excusesRetry() ? pieces.size() / 2 : pieces.size();
    for (String piece : pieces.subList(0, cut)) {
      wire.sendChunk(AnswerText.delta(call, piece));
      tokensSent++;
      wire.pause(gap);
    }
    leaving = Instant.now();
    switch (call.fault()) {
      case RESET_MID_BODY -> {
        // A reset destroys what the caller has not read yet, and that would not be its fault.
        wire.pause(READ_BEFORE_RESET);
        wire.reset();
      }
      case STALL -> wire.pause(STALL);
      case TRUNCATED -> wire.send("0\r\n\r\n");
      case MALFORMED_JSON -> wire.sendChunk("data: {\"choices\": [{]\n\n");
      default -> finishStream();
    }
    if (call.fault() == ProviderFault.MALFORMED_JSON) {
      wire.send("0\r\n\r\n");
    }
  }

  private void finishStream() throws IOException {
    tokensSent = call.tokens().completion();
    wire.sendChunk(AnswerText.finish(call));
    if (usageAsked && call.fault() != ProviderFault.MISSING_USAGE) {
      wire.sendChunk(AnswerText.usageChunk(call));
      usageSent = true;
    }
    wire.sendChunk(AnswerText.event("[DONE]"));
    wire.send("0\r\n\r\n");
  }

  private String content() {
    return String.join("", pieces);
  }

  private static String head(String status, String type, int length) {
    return "HTTP/1.1 %s\r\ncontent-type: %s\r\ncontent-length: %d\r\n"
        .formatted(status, type, length);
  }
}
