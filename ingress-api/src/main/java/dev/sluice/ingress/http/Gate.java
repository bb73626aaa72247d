package dev.sluice.ingress.http;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Scope;
import dev.sluice.ingress.core.KeyRing;
import dev.sluice.ingress.core.Principal;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.log.LogUnavailableException;
import dev.sluice.runtime.telemetry.LogKeys;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Every request passes here, on its I/O thread and without waiting: framing, route, key, scope,
/// form of the body; then the body is gathered and a virtual thread serves it. Nothing is read of a
/// body before the key is known.
final class Gate implements HttpHandler {
  private static final Logger LOG = LoggerFactory.getLogger(Gate.class);
  private static final byte[] NO_BODY = {};

  private final Routes routes;
  private final Supplier<KeyRing> keys;
  private final int maxBodyBytes;
  private final Executor threads;
  private final RouteMeters meters;
  private final SecureRandom random = new SecureRandom();
  private final AtomicInteger unanswered = new AtomicInteger();
  private volatile boolean draining;

  Gate(
      Routes routes,
      Supplier<KeyRing> keys,
      int maxBodyBytes,
      Executor threads,
      RouteMeters meters) {
    this.routes = routes;
    this.keys = keys;
    this.maxBodyBytes = maxBodyBytes;
    this.threads = threads;
    this.meters = meters;
  }

  /// From now on nothing new is taken; what was accepted can still be read.
  void drain() {
    draining = true;
  }

  /// Calls that were taken and whose callers still wait. Readers are not among them: they can ask
  /// another ingress.
  int unanswered() {
    return unanswered.get();
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) {
    long began = System.nanoTime();
    Optional<StrictFraming.Fault> fault = StrictFraming.faultOf(exchange);
    if (fault.isPresent()) {
      exchange.setPersistent(false);
      answer(exchange, Surface.OPENAI, fault.get().status(), fault.get().refusal());
      meters.refused("framing", fault.get().status(), System.nanoTime() - began);
      return;
    }
    switch (routes.find(exchange.getRequestMethod(), exchange.getRequestURI())) {
      case Routes.Match.Found found -> admit(exchange, found, began);
      case Routes.Match.WrongMethod(Surface surface, String allow) -> {
        exchange.getResponseHeaders().put(Headers.ALLOW, allow);
        refuse(
            exchange,
            surface,
            Refusal.of(ErrorCode.METHOD_NOT_ALLOWED, "this path answers to " + allow));
      }
      case Routes.Match.Unknown() ->
          refuse(
              exchange,
              Surface.OPENAI,
              Refusal.of(ErrorCode.ENDPOINT_NOT_SERVED, "this path is not served"));
    }
  }

  private void admit(HttpServerExchange exchange, Routes.Match.Found found, long began) {
    Route route = found.route();
    Optional<Principal> principal = presentedKey(exchange).flatMap(keys.get()::find);
    Optional<Refusal> refusal =
        principal
            .map(known -> objection(exchange, route, known))
            .orElseGet(() ->
                Optional.of(
                    Refusal.of(
                        ErrorCode.INVALID_API_KEY,
                        "no valid API key; send Authorization: Bearer <key>")));
    if (refusal.isPresent() || principal.isEmpty()) {
      refusal.ifPresent(reason -> refuse(exchange, route.surface(), reason));
      int status = exchange.getStatusCode();
      meters.refused(route.name(), status, System.nanoTime() - began);
      return;
    }
    if (!route.hasBody()) {
      Call call = new Call(exchange, found, principal.get(), NO_BODY, this::requestId, () -> {});
      exchange.dispatch(threads, () -> serve(call, route, began));
      return;
    }
    new BodyCollector(
            exchange, maxBodyBytes, new Collected(exchange, found, principal.get(), began))
        .start();
  }

  private Optional<Refusal> objection(HttpServerExchange exchange, Route route, Principal who) {
    Optional<Scope> scope = route.scope();
    if (scope.isPresent() && !who.may(scope.get())) {
      return Optional.of(
          Refusal.of(ErrorCode.FORBIDDEN, "this key does not have the scope " + scope.get().key()));
    }
    if (!route.hasBody()) {
      return Optional.empty();
    }
    if (draining) {
      return Optional.of(Refusal.unavailable("this ingress is stopping; try another"));
    }
    if (exchange.getRequestContentLength() > maxBodyBytes) {
      exchange.setPersistent(false);
      return Optional.of(tooLarge());
    }
    boolean body =
        exchange.getRequestContentLength() > 0
            || exchange.getRequestHeaders().contains(Headers.TRANSFER_ENCODING);
    if (body && !isJson(exchange)) {
      return Optional.of(
          Refusal.of(ErrorCode.UNSUPPORTED_MEDIA_TYPE, "send Content-Type: application/json"));
    }
    return Optional.empty();
  }

  private Refusal tooLarge() {
    return Refusal.of(ErrorCode.TOO_LARGE, "a body may have at most " + maxBodyBytes + " bytes");
  }

  /// What becomes of a gathered body.
  private record Waiting(HttpServerExchange exchange, Route route) {}

  private final class Collected implements BodyCollector.Outcome {
    private final Waiting waiting;
    private final Routes.Match.Found found;
    private final Principal principal;
    private final long began;

    Collected(
        HttpServerExchange exchange, Routes.Match.Found found, Principal principal, long began) {
      this.waiting = new Waiting(exchange, found.route());
      this.found = found;
      this.principal = principal;
      this.began = began;
    }

    @Override
    public void complete(byte[] body) {
      unanswered.incrementAndGet();
      Call call =
          new Call(
              waiting.exchange(),
              found,
              principal,
              body,
              Gate.this::requestId,
              unanswered::decrementAndGet);
      waiting.exchange().dispatch(threads, () -> serve(call, waiting.route(), began));
    }

    @Override
    public void tooLarge() {
      cutOff(Gate.this.tooLarge(), 413);
    }

    @Override
    public void tooSlow() {
      cutOff(Refusal.of(ErrorCode.BAD_FRAMING, "the body came too slowly"), 408);
    }

    @Override
    public void broken() {
      waiting.exchange().setPersistent(false);
      org.xnio.IoUtils.safeClose(waiting.exchange().getConnection());
    }

    private void cutOff(Refusal refusal, int status) {
      waiting.exchange().setPersistent(false);
      answer(waiting.exchange(), waiting.route().surface(), status, refusal);
      meters.refused(waiting.route().name(), status, System.nanoTime() - began);
    }
  }

  private void serve(Call call, Route route, long began) {
    meters.begin();
    try {
      serveOrRefuse(call, route);
    } catch (IOException e) {
      LOG.atDebug().addKeyValue(LogKeys.SERVICE, "ingress").log("caller gone before the answer");
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).addKeyValue("route", route.name()).log("request failed");
    } finally {
      // Whatever happened, no connection stays behind without an answer.
      call.abort();
      meters.end(route.name(), call.exchange().getStatusCode(), System.nanoTime() - began);
    }
  }

  private static void serveOrRefuse(Call call, Route route) throws IOException {
    Refusal refusal;
    try {
      route.endpoint().serve(call);
      return;
    } catch (RefusedException e) {
      refusal = e.refusal();
    } catch (LogUnavailableException e) {
      LOG.atWarn().addKeyValue("route", route.name()).log("log not reached");
      // A thread told to stop would close the socket by writing to it; this answer is its last act.
      var _ = Thread.interrupted();
      refusal = Refusal.unavailable(e.getMessage() == null ? "try again" : e.getMessage());
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).addKeyValue("route", route.name()).log("request failed");
      refusal = Refusal.of(ErrorCode.INTERNAL_ERROR, "this is a fault of Sluice; it was logged");
    }
    if (call.responseStarted()) {
      call.abort();
    } else {
      call.refuse(refusal);
    }
  }

  private void refuse(HttpServerExchange exchange, Surface surface, Refusal refusal) {
    answer(exchange, surface, ErrorJson.status(surface, refusal.code()), refusal);
  }

  /// Answers from the I/O thread.
  private void answer(HttpServerExchange exchange, Surface surface, int status, Refusal refusal) {
    String id = requestId();
    exchange.setStatusCode(status);
    exchange.getResponseHeaders().put(Call.REQUEST_ID, id);
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, ErrorJson.contentType(surface));
    if (surface == Surface.OPENAI) {
      boolean retry = refusal.code().retryable();
      exchange.getResponseHeaders().put(Call.SHOULD_RETRY, Boolean.toString(retry));
    }
    if (refusal.retryAfter().isPositive()) {
      exchange.getResponseHeaders().put(Headers.RETRY_AFTER, refusal.retryAfter().toSeconds());
    }
    exchange.getResponseSender().send(ByteBuffer.wrap(ErrorJson.body(surface, refusal, id)));
  }

  private static Optional<String> presentedKey(HttpServerExchange exchange) {
    String authorization = exchange.getRequestHeaders().getFirst(Headers.AUTHORIZATION);
    @Nullable String key = null;
    if (authorization != null && authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
      key = authorization.substring(7).strip();
    } else if (authorization == null) {
      key = exchange.getRequestHeaders().getFirst("x-api-key");
    }
    return key == null || key.isEmpty() || key.length() > 1_024
        ? Optional.empty()
        : Optional.of(key);
  }

  private static boolean isJson(HttpServerExchange exchange) {
    String type = exchange.getRequestHeaders().getFirst(Headers.CONTENT_TYPE);
    if (type == null) {
      return false;
    }
    String[] parts = type.toLowerCase(Locale.ROOT).split(";", -1);
    for (int i = 1; i < parts.length; i++) {
      String parameter = parts[i].strip().replace("\"", "");
      if (parameter.startsWith("charset=") && !parameter.equals("charset=utf-8")) {
        return false;
      }
    }
    return parts[0].strip().equals("application/json");
  }

  /// For requests that are not about a job, so that every answer can be named.
  private String requestId() {
    return JobId.create(Instant.EPOCH, 0, 0, random.nextLong()).text("req_");
  }
}
