package dev.sluice.router;

import dev.sluice.router.topology.RouterStreams;
import dev.sluice.runtime.lifecycle.Service;
import dev.sluice.runtime.lifecycle.ServiceContext;
import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.producer.Producer;
import org.jspecify.annotations.Nullable;

/// The router as a service of a process. The graph is in `RouterTopology`, the decisions in `core`.
public final class RouterService implements Service {
  /// The group of all routers.
  public static final String GROUP = RouterStreams.GROUP;

  private final RouterConfig config;
  private final ServiceContext context;
  private final UnaryOperator<Producer<byte[], byte[]>> wire;
  private volatile @Nullable RouterStreams streams;
  private volatile boolean closed;

  public RouterService(RouterConfig config, ServiceContext context) {
    this(config, context, UnaryOperator.identity());
  }

  /// @param wire stands between the router and each of its producers: where a test lets it crash
  public RouterService(
      RouterConfig config, ServiceContext context, UnaryOperator<Producer<byte[], byte[]>> wire) {
    this.config = config;
    this.context = context;
    this.wire = wire;
  }

  @Override
  public String name() {
    return "router";
  }

  @Override
  public synchronized void start() {
    if (streams == null && !closed) {
      RouterStreams created = new RouterStreams(config, context, wire);
      created.start();
      streams = created;
    }
  }

  @Override
  public Optional<String> waitsFor() {
    RouterStreams running = streams;
    if (closed || running == null) {
      return Optional.of(closed ? "stopping" : "not started");
    }
    return running.waitsFor();
  }

  /// A router holds nothing that is not in the log: draining is stopping.
  @Override
  public synchronized void drain(Duration grace) {
    if (streams != null && !closed) {
      closed = true;
      streams.close(grace);
    }
  }

  @Override
  public synchronized void close() {
    if (streams != null && !closed) {
      streams.close();
    }
    closed = true;
  }
}
