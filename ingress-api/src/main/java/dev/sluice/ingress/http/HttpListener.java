package dev.sluice.ingress.http;

import dev.sluice.ingress.IngressConfig;
import io.undertow.UndertowOptions;
import io.undertow.server.DefaultByteBufferPool;
import io.undertow.server.HttpHandler;
import io.undertow.server.protocol.http.HttpOpenListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import org.xnio.ChannelListener;
import org.xnio.ChannelListeners;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.Xnio;
import org.xnio.XnioWorker;
import org.xnio.channels.AcceptingChannel;

/// The listening socket and its I/O threads, as Undertow's own builder would make them, but with a
/// [RequestGuard] on each connection, for which the builder has no place.
final class HttpListener implements AutoCloseable {
  private static final int BUFFER_BYTES = 16 * 1024;

  /// Buffers that are kept while nobody uses them, count. They are all threads' together: one that
  /// a virtual thread kept for itself would be held as long as its caller waits.
  private static final int POOLED_BUFFERS = 1_024;

  private static final int BETWEEN_REQUESTS_MILLIS = 60_000;
  private static final long READ_AFTER_REFUSAL_BYTES = 1024 * 1024;

  /// Above what the guard lets through, so that only the guard refuses.
  private static final int UNDERTOW_MAX_HEADERS = 200;

  private final XnioWorker worker;
  private final AcceptingChannel<StreamConnection> server;
  private boolean closed;

  private HttpListener(XnioWorker worker, AcceptingChannel<StreamConnection> server) {
    this.worker = worker;
    this.server = server;
  }

  /// Binds and accepts.
  static HttpListener open(IngressConfig config, HttpHandler handler) {
    try {
      XnioWorker worker =
          Xnio.getInstance(HttpListener.class.getClassLoader())
              .createWorker(
                  OptionMap.builder()
                      .set(Options.WORKER_IO_THREADS, config.ioThreads())
                      .set(Options.WORKER_TASK_CORE_THREADS, 1)
                      .set(Options.WORKER_TASK_MAX_THREADS, 1)
                      .set(Options.TCP_NODELAY, true)
                      .getMap());
      try {
        return new HttpListener(worker, accept(worker, config, handler));
      } catch (IOException | RuntimeException e) {
        worker.shutdownNow();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static AcceptingChannel<StreamConnection> accept(
      XnioWorker worker, IngressConfig config, HttpHandler handler) throws IOException {
    IngressConfig.Limits limits = config.limits();
    HttpOpenListener undertow =
        new HttpOpenListener(
            new DefaultByteBufferPool(true, BUFFER_BYTES, POOLED_BUFFERS, 0),
            OptionMap.builder()
                .set(UndertowOptions.MAX_HEADERS, UNDERTOW_MAX_HEADERS)
                .set(UndertowOptions.MAX_HEADER_SIZE, 2 * limits.headerBytes())
                // Callers are told before they are cut off.
                .set(UndertowOptions.MAX_ENTITY_SIZE, limits.bodyBytes() + READ_AFTER_REFUSAL_BYTES)
                .set(UndertowOptions.NO_REQUEST_TIMEOUT, BETWEEN_REQUESTS_MILLIS)
                .set(UndertowOptions.ALLOW_UNKNOWN_PROTOCOLS, false)
                .set(UndertowOptions.DECODE_URL, true)
                .set(UndertowOptions.ENABLE_HTTP2, false)
                .set(UndertowOptions.ALWAYS_SET_KEEP_ALIVE, false)
                .getMap());
    undertow.setRootHandler(handler);
    ChannelListener<StreamConnection> guarded =
        connection -> {
          RequestGuard.protect(connection, limits.headerBytes(), config.timing().head());
          undertow.handleEvent(connection);
        };
    AcceptingChannel<StreamConnection> server =
        worker.createStreamConnectionServer(
            new InetSocketAddress(config.host(), config.port()),
            ChannelListeners.openListenerAdapter(guarded),
            OptionMap.builder()
                .set(Options.WORKER_IO_THREADS, config.ioThreads())
                .set(Options.TCP_NODELAY, true)
                .set(Options.REUSE_ADDRESSES, true)
                .set(Options.BALANCING_TOKENS, 1)
                .set(Options.BALANCING_CONNECTIONS, 2)
                .set(Options.BACKLOG, 1_024)
                .set(Options.CONNECTION_HIGH_WATER, limits.connections())
                .set(Options.CONNECTION_LOW_WATER, limits.connections())
                .getMap());
    server.resumeAccepts();
    return server;
  }

  InetSocketAddress address() {
    return server.getLocalAddress(InetSocketAddress.class);
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    IoUtils.safeClose(server);
    worker.shutdown();
    try {
      worker.awaitTermination();
    } catch (InterruptedException e) {
      worker.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
