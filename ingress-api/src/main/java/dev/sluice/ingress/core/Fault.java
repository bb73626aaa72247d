package dev.sluice.ingress.core;

import dev.sluice.contract.model.ErrorCode;

/// What is wrong with a request before anyone asks what it wants. The connection ends with the
/// answer, since nobody can be sure where the next request would begin.
public enum Fault {
  LINE(400, ErrorCode.BAD_FRAMING, "the request line is not one of HTTP/1.1"),
  TARGET(400, ErrorCode.BAD_FRAMING, "the request target must be a plain path"),
  TARGET_TOO_LONG(414, ErrorCode.HEADERS_TOO_LARGE, "the request line is too long"),
  VERSION(505, ErrorCode.BAD_FRAMING, "this server speaks HTTP/1.1"),
  ENDING(400, ErrorCode.BAD_FRAMING, "every line of a head ends with CR LF"),
  FOLDED(400, ErrorCode.BAD_FRAMING, "a header must be one line"),
  HEADER(400, ErrorCode.BAD_HEADER, "a header's name or value has a byte that may not be there"),
  HEAD_TOO_LARGE(431, ErrorCode.HEADERS_TOO_LARGE, "the request head is too large"),
  LENGTH(400, ErrorCode.BAD_FRAMING, "a body has one length, in digits, or chunks"),
  CODING(501, ErrorCode.BAD_FRAMING, "the only transfer coding is chunked"),
  CHUNK(400, ErrorCode.BAD_FRAMING, "a chunk is not one, or has an extension or a trailer"),
  HOST(400, ErrorCode.BAD_FRAMING, "one Host header must name the host"),
  REPEATED(400, ErrorCode.BAD_FRAMING, "a header that may stand once stands twice"),
  EXPECTATION(417, ErrorCode.BAD_FRAMING, "only 100-continue can be expected"),
  COMPRESSED(415, ErrorCode.UNSUPPORTED_MEDIA_TYPE, "send the body without compression"),
  SLOW(408, ErrorCode.BAD_FRAMING, "the request came too slowly");

  private final int status;
  private final ErrorCode code;
  private final String message;

  Fault(int status, ErrorCode code, String message) {
    this.status = status;
    this.code = code;
    this.message = message;
  }

  /// The HTTP status that says it best.
  public int status() {
    return status;
  }

  public Refusal refusal() {
    return Refusal.of(code, message);
  }
}
