package dev.sluice.ingress.http;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.ingress.core.Preference;
import dev.sluice.ingress.core.Principal;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.log.JobWatch;
import dev.sluice.ingress.log.TraceContext;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One request that was let in, and its answer. Owned by the virtual thread that serves it; only
/// the probe for a closed connection comes from elsewhere, and it stops before the answer ends.
final class Call {
  static final HttpString REQUEST_ID = new HttpString("x-request-id");
  static final HttpString ANTHROPIC_REQUEST_ID = new HttpString("request-id");
  static final HttpString SHOULD_RETRY = new HttpString("x-should-retry");
  private static final HttpString TRACEPARENT = new HttpString("traceparent");
  private static final HttpString TRACESTATE = new HttpString("tracestate");
  private static final HttpString PREFER = new HttpString("Prefer");
  private static final String TAG = "tag.";
  private static final byte[] NO_BODY = {};

  private final HttpServerExchange exchange;
  private final Route route;
  private final String variable;
  private final Principal principal;
  private final byte[] body;
  private final Supplier<String> unnamed;
  private final Runnable onEnd;
  private String jobId = "";
  private boolean answering;
  private boolean ended;
  private @Nullable ResponseStream stream;
  private @Nullable RequestStream requestStream;
  private volatile @Nullable JobWatch attached;

  Call(
      HttpServerExchange exchange,
      Routes.Match.Found match,
      Principal principal,
      byte[] body,
      Supplier<String> unnamed,
      Runnable onEnd) {
    this.exchange = exchange;
    this.route = match.route();
    this.variable = match.variable();
    this.principal = principal;
    this.body = body;
    this.unnamed = unnamed;
    this.onEnd = onEnd;
  }

  Principal principal() {
    return principal;
  }

  Surface surface() {
    return route.surface();
  }

  String path() {
    return exchange.getRequestPath();
  }

  /// The variable part of the path.
  String variable() {
    return variable;
  }

  byte[] body() {
    return body;
  }

  /// From now on the answer carries this id, which is the job's.
  void identify(String id) {
    jobId = id;
  }

  /// Most calls are about a job and need no other name.
  String requestId() {
    JobWatch watch = attached;
    if (watch != null && watch.first().isPresent()) {
      return watch.first().get().text();
    }
    return jobId.isEmpty() ? unnamed.get() : jobId;
  }

  Optional<String> header(String name) {
    return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name));
  }

  /// What the caller prefers, wherever it said so.
  Preference preference() {
    HeaderValues said = exchange.getRequestHeaders().get(PREFER);
    return said == null ? Preference.NONE : Preference.parse(String.join(",", said));
  }

  Optional<String> query(String name) {
    Deque<String> values = exchange.getQueryParameters().get(name);
    return values == null ? Optional.empty() : Optional.ofNullable(values.peekFirst());
  }

  /// The tags that `tag.<name>=<value>` asks for.
  Map<String, String> queryTags() {
    Map<String, String> tags = new HashMap<>();
    for (String name : exchange.getQueryParameters().keySet()) {
      if (name.startsWith(TAG)) {
        tags.put(name.substring(TAG.length()), query(name).orElse(""));
      }
    }
    return tags;
  }

  TraceContext trace() {
    String parent = exchange.getRequestHeaders().getFirst(TRACEPARENT);
    if (parent == null || parent.length() > 512) {
      return TraceContext.NONE;
    }
    String state = exchange.getRequestHeaders().getFirst(TRACESTATE);
    return new TraceContext(parent, state == null || state.length() > 512 ? "" : state);
  }

  /// The caller waits for a job: the watch is told when the connection closes.
  void attach(JobWatch watch) {
    attached = watch;
  }

  @Nullable JobWatch attached() {
    return attached;
  }

  HttpServerExchange exchange() {
    return exchange;
  }

  /// Whether the probe may still touch the connection. Called with the call's own lock held.
  boolean probeAllowed() {
    return !answering && !ended;
  }

  boolean responseStarted() {
    return exchange.isResponseStarted();
  }

  Call with(HttpString header, String value) {
    exchange.getResponseHeaders().put(header, value);
    return this;
  }

  void json(int status, byte[] json) throws IOException {
    respond(status, "application/json", json);
  }

  void empty(int status) throws IOException {
    respond(status, "", NO_BODY);
  }

  void respond(int status, String contentType, byte[] bytes) throws IOException {
    respond(status, contentType, bytes, requestId());
  }

  private void respond(int status, String contentType, byte[] bytes, String id) throws IOException {
    exchange.setStatusCode(status);
    name(id);
    if (!contentType.isEmpty()) {
      with(Headers.CONTENT_TYPE, contentType);
    }
    if (status != 304) {
      exchange.setResponseContentLength(bytes.length);
    }
    stopProbe();
    if (bytes.length > 0) {
      new ResponseStream(exchange).writeLast(ByteBuffer.wrap(bytes));
      if (requestStream == null) {
        end(this::endOnIoThread);
        return;
      }
    }
    end();
  }

  /// With the end of an exchange Undertow turns to the connection's next request. When another
  /// thread does that and the request is there already, the I/O thread spins until it is done: on a
  /// full machine often on the core that the other one needs for it.
  private void endOnIoThread() {
    try {
      exchange.getIoThread().execute(exchange::endExchange);
    } catch (RejectedExecutionException _) {
      // The server has stopped, and the thread with it.
      exchange.endExchange();
    }
  }

  private void name(String id) {
    with(REQUEST_ID, id);
    if (surface() == Surface.ANTHROPIC) {
      with(ANTHROPIC_REQUEST_ID, id);
    }
  }

  /// With the last byte of an answer of known length Undertow turns to the next request, and
  /// whoever still listened to the connection would take that request's bytes for the caller's sign
  /// of life.
  private synchronized void stopProbe() {
    answering = true;
  }

  void refuse(Refusal refusal) throws IOException {
    ErrorCode code = refusal.code();
    if (surface().isVendors()) {
      with(SHOULD_RETRY, Boolean.toString(code.retryable()));
    }
    if (refusal.retryAfter().isPositive()) {
      with(Headers.RETRY_AFTER, Long.toString(Math.max(1, refusal.retryAfter().toSeconds())));
    }
    String id = requestId();
    respond(
        ErrorJson.status(surface(), code),
        ErrorJson.contentType(surface()),
        ErrorJson.body(surface(), refusal, id),
        id);
  }

  /// The body of a streamed route, which nobody has read yet.
  ///
  /// @param maxBytes refused when it is longer
  RequestStream requestStream(long maxBytes) throws IOException {
    // What is left unread must not be taken for the next request.
    exchange.setPersistent(false);
    RequestStream opened = new RequestStream(exchange, maxBytes);
    requestStream = opened;
    return opened;
  }

  /// Begins an answer of known length.
  ResponseStream openDownload(int status, String contentType, long bytes) throws IOException {
    exchange.setStatusCode(status);
    with(REQUEST_ID, requestId()).with(Headers.CONTENT_TYPE, contentType);
    exchange.setResponseContentLength(bytes);
    stopProbe();
    return new ResponseStream(exchange);
  }

  /// Begins a stream of server-sent events.
  ResponseStream openStream() throws IOException {
    exchange.setStatusCode(200);
    name(requestId());
    with(Headers.CONTENT_TYPE, "text/event-stream; charset=utf-8")
        .with(Headers.CACHE_CONTROL, "no-cache");
    ResponseStream opened = new ResponseStream(exchange);
    stream = opened;
    return opened;
  }

  boolean streaming() {
    return stream != null;
  }

  /// Ends the answer; what was written goes out.
  void end() {
    end(exchange::endExchange);
  }

  private void end(Runnable ending) {
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
    }
    onEnd.run();
    RequestStream body = requestStream;
    if (body != null) {
      body.linger();
    }
    ending.run();
  }

  /// Gives the connection up: a broken answer must not look complete. One that has ended stays.
  void abort() {
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
    }
    onEnd.run();
    org.xnio.IoUtils.safeClose(exchange.getConnection());
  }
}
