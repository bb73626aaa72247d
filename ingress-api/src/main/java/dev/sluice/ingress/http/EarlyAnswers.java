package dev.sluice.ingress.http;

import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.core.Refusal;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Instant;

/// Answers of requests that no thread serves: given from the I/O thread, without waiting.
final class EarlyAnswers {
  private final RouteMeters meters;
  private final SecureRandom random = new SecureRandom();

  EarlyAnswers(RouteMeters meters) {
    this.meters = meters;
  }

  /// Answers, and ends the connection: where its next request would begin is not certain.
  void cutOff(
      HttpServerExchange exchange,
      Surface surface,
      String route,
      int status,
      Refusal refusal,
      long began) {
    exchange.setPersistent(false);
    answer(exchange, surface, status, refusal);
    meters.refused(route, status, System.nanoTime() - began);
  }

  void refuse(HttpServerExchange exchange, Surface surface, Refusal refusal) {
    answer(exchange, surface, ErrorJson.status(surface, refusal.code()), refusal);
  }

  /// Answers from the I/O thread.
  private void answer(HttpServerExchange exchange, Surface surface, int status, Refusal refusal) {
    String id = requestId();
    exchange.setStatusCode(status);
    exchange.getResponseHeaders().put(Call.REQUEST_ID, id);
    if (surface == Surface.ANTHROPIC) {
      exchange.getResponseHeaders().put(Call.ANTHROPIC_REQUEST_ID, id);
    }
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, ErrorJson.contentType(surface));
    if (surface.isVendors()) {
      boolean retry = refusal.code().retryable();
      exchange.getResponseHeaders().put(Call.SHOULD_RETRY, Boolean.toString(retry));
    }
    if (refusal.retryAfter().isPositive()) {
      exchange.getResponseHeaders().put(Headers.RETRY_AFTER, refusal.retryAfter().toSeconds());
    }
    exchange.getResponseSender().send(ByteBuffer.wrap(ErrorJson.body(surface, refusal, id)));
  }

  /// For requests that are not about a job, so that every answer can be named.
  String requestId() {
    return JobId.create(Instant.EPOCH, 0, 0, random.nextLong()).text("req_");
  }
}
