package dev.sluice.ingress.http;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.ingress.core.Refusal;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Protocols;
import java.util.List;
import java.util.Optional;

/// Refuses requests that another reader of the same bytes could take for something else. Undertow
/// accepts some of them: unknown transfer codings, codings after `chunked`, chunks in HTTP/1.0,
/// unknown expectations, repeated singletons.
///
/// What Undertow's parser has already lost cannot be seen here: the version digits of the request
/// line, folded headers, and how chunks were written.
final class StrictFraming {
  private static final List<HttpString> SINGLETONS =
      List.of(
          Headers.HOST,
          Headers.CONTENT_LENGTH,
          Headers.CONTENT_TYPE,
          Headers.AUTHORIZATION,
          Headers.EXPECT,
          new HttpString("X-Api-Key"));

  private StrictFraming() {}

  /// A refusal and the status that says it best.
  record Fault(int status, Refusal refusal) {}

  static Optional<Fault> faultOf(HttpServerExchange exchange) {
    HttpString protocol = exchange.getProtocol();
    boolean http11 = protocol.equals(Protocols.HTTP_1_1);
    if (!http11 && !protocol.equals(Protocols.HTTP_1_0)) {
      return fault(505, "this server speaks HTTP/1.1");
    }
    HeaderMap headers = exchange.getRequestHeaders();
    if (exchange.isHostIncludedInRequestURI()) {
      return fault(400, "the request target must begin with a slash");
    }
    if (http11 && !headers.contains(Headers.HOST)) {
      return fault(400, "HTTP/1.1 needs a Host header");
    }
    for (HttpString name : SINGLETONS) {
      HeaderValues values = headers.get(name);
      if (values != null && values.size() > 1) {
        return fault(400, "a header that may stand once stands twice");
      }
    }
    String expectation = headers.getFirst(Headers.EXPECT);
    if (expectation != null && !expectation.equalsIgnoreCase("100-continue")) {
      return fault(417, "only 100-continue can be expected");
    }
    return transferFault(headers, http11).or(() -> contentFault(headers));
  }

  private static Optional<Fault> transferFault(HeaderMap headers, boolean http11) {
    HeaderValues codings = headers.get(Headers.TRANSFER_ENCODING);
    if (codings == null) {
      return Optional.empty();
    }
    if (!http11 || headers.contains(Headers.CONTENT_LENGTH)) {
      return fault(400, "a body has either a length or chunks, and chunks need HTTP/1.1");
    }
    if (codings.size() != 1 || !codings.getFirst().equalsIgnoreCase("chunked")) {
      return fault(501, "the only transfer coding is chunked");
    }
    return Optional.empty();
  }

  private static Optional<Fault> contentFault(HeaderMap headers) {
    String coding = headers.getFirst(Headers.CONTENT_ENCODING);
    if (coding != null && !coding.equalsIgnoreCase("identity")) {
      return Optional.of(
          new Fault(
              415,
              Refusal.of(ErrorCode.UNSUPPORTED_MEDIA_TYPE, "send the body without compression")));
    }
    return Optional.empty();
  }

  private static Optional<Fault> fault(int status, String message) {
    return Optional.of(new Fault(status, Refusal.of(ErrorCode.BAD_FRAMING, message)));
  }
}
