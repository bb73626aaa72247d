package dev.sluice.ingress.http;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.Scope;
import dev.sluice.ingress.blob.BlobStoreException;
import dev.sluice.ingress.core.Fault;
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
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
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
  private final BodyCollector.Bounds bodies;
  private final Executor threads;
  private final RouteMeters meters;
  private final EarlyAnswers answers;
  private final AtomicInteger unanswered = new AtomicInteger();
  private volatile boolean draining;

  Gate(
      Routes routes,
      Supplier<KeyRing> keys,
      BodyCollector.Bounds bodies,
      Executor threads,
      RouteMeters meters) {
    this.routes = routes;
    this.keys = keys;
    this.bodies = bodies;
    this.threads = threads;
    this.meters = meters;
    this.answers = new EarlyAnswers(meters);
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
    Fault bytes = RequestGuard.faultOf(exchange);
    Fault fault = bytes != null ? bytes : StrictHeaders.faultOf(exchange);
    if (fault != null) {
      answers.cutOff(exchange, Surface.OPENAI, "framing", fault.status(), fault.refusal(), began);
      return;
    }
    switch (routes.find(exchange.getRequestMethod(), Surface.path(exchange))) {
      case Routes.Match.Found found -> admit(exchange, found, began);
      case Routes.Match.WrongMethod(Surface surface, String allow) -> {
        exchange.getResponseHeaders().put(Headers.ALLOW, allow);
        answers.refuse(
            exchange,
            surface,
            Refusal.of(ErrorCode.METHOD_NOT_ALLOWED, "this path answers to " + allow));
      }
      case Routes.Match.Unknown() ->
          answers.refuse(
              exchange,
              Surface.ofUnknown(exchange),
              Refusal.of(ErrorCode.ENDPOINT_NOT_SERVED, "this path is not served"));
    }
  }

  private void admit(HttpServerExchange exchange, Routes.Match.Found found, long began) {
    Route route = found.route();
    KeyRing ring = keys.get();
    Optional<String> presented = RequestForm.presentedKey(exchange);
    Optional<Principal> principal = presented.flatMap(ring::find);
    Optional<Refusal> refusal =
        principal
            .map(known -> objection(exchange, route, known))
            .orElseGet(() -> Optional.of(noPrincipal(ring, presented.isPresent())));
    if (refusal.isPresent() || principal.isEmpty()) {
      refusal.ifPresent(reason -> answers.refuse(exchange, route.surface(), reason));
      int status = exchange.getStatusCode();
      meters.refused(route.name(), status, System.nanoTime() - began);
      return;
    }
    if (route.streamed()) {
      exchange.setMaxEntitySize(-1);
      unanswered.incrementAndGet();
      Call call =
          new Call(
              exchange,
              found,
              principal.get(),
              NO_BODY,
              answers::requestId,
              unanswered::decrementAndGet);
      exchange.dispatch(threads, () -> serve(call, route, began));
      return;
    }
    if (!route.hasBody()) {
      Call call = new Call(exchange, found, principal.get(), NO_BODY, answers::requestId, () -> {});
      exchange.dispatch(threads, () -> serve(call, route, began));
      return;
    }
    new BodyCollector(exchange, bodies, new Collected(exchange, found, principal.get(), began))
        .start();
  }

  private static Refusal noPrincipal(KeyRing ring, boolean presented) {
    return presented && !ring.complete()
        ? Refusal.unavailable("the issued API keys are still being read; try again")
        : Refusal.of(
            ErrorCode.INVALID_API_KEY, "no valid API key; send Authorization: Bearer <key>");
  }

  private Optional<Refusal> objection(HttpServerExchange exchange, Route route, Principal who) {
    Optional<Scope> scope = route.scope();
    if (scope.isPresent() && !who.may(scope.get())) {
      return Optional.of(
          Refusal.of(ErrorCode.FORBIDDEN, "this key does not have the scope " + scope.get().key()));
    }
    if (route.surface() == Surface.ANTHROPIC && !RequestForm.hasAnthropicVersion(exchange)) {
      return Optional.of(
          Refusal.of(
              ErrorCode.BAD_HEADER,
              "anthropic-version: header is required, one of " + RequestForm.ANTHROPIC_VERSIONS));
    }
    if (!route.hasBody()) {
      return Optional.empty();
    }
    if (draining) {
      return Optional.of(Refusal.unavailable("this ingress is stopping; try another"));
    }
    if (route.streamed()) {
      return Optional.empty();
    }
    if (exchange.getRequestContentLength() > bodies.maxBytes()) {
      exchange.setPersistent(false);
      return Optional.of(tooLarge());
    }
    boolean body =
        exchange.getRequestContentLength() > 0
            || exchange.getRequestHeaders().contains(Headers.TRANSFER_ENCODING);
    if (body && !RequestForm.isJson(exchange)) {
      return Optional.of(
          Refusal.of(ErrorCode.UNSUPPORTED_MEDIA_TYPE, "send Content-Type: application/json"));
    }
    return Optional.empty();
  }

  private Refusal tooLarge() {
    return Refusal.of(
        ErrorCode.TOO_LARGE, "a body may have at most " + bodies.maxBytes() + " bytes");
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
      Fault fault = RequestGuard.faultOf(waiting.exchange());
      if (fault != null) {
        cutOff(fault.refusal(), fault.status());
        return;
      }
      unanswered.incrementAndGet();
      Call call =
          new Call(
              waiting.exchange(),
              found,
              principal,
              body,
              answers::requestId,
              unanswered::decrementAndGet);
      waiting.exchange().dispatch(threads, () -> serve(call, waiting.route(), began));
    }

    @Override
    public void tooLarge() {
      cutOff(Gate.this.tooLarge(), 413);
    }

    @Override
    public void tooSlow() {
      cutOff(Fault.SLOW.refusal(), Fault.SLOW.status());
    }

    @Override
    public void broken() {
      waiting.exchange().setPersistent(false);
      org.xnio.IoUtils.safeClose(waiting.exchange().getConnection());
    }

    private void cutOff(Refusal refusal, int status) {
      Route route = waiting.route();
      answers.cutOff(waiting.exchange(), route.surface(), route.name(), status, refusal, began);
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
    } catch (BlobStoreException e) {
      LOG.atWarn().setCause(e).addKeyValue("route", route.name()).log("blob store failed");
      refusal = StoreRefusals.of(e);
    } catch (NoSuchFileException e) {
      LOG.atError().addKeyValue("route", route.name()).log("bytes of a file are missing");
      refusal = StoreRefusals.MISSING;
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
}
