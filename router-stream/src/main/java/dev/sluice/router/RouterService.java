package dev.sluice.router;

import dev.sluice.router.topology.RouterStreams;
import dev.sluice.runtime.lifecycle.Service;
import dev.sluice.runtime.lifecycle.ServiceContext;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The router as a service of a process. The graph is in `RouterTopology`, the decisions in `core`.
public final class RouterService implements Service {
  private final RouterConfig config;
  private final ServiceContext context;
  private @Nullable RouterStreams streams;
  private boolean closed;

  public RouterService(RouterConfig config, ServiceContext context) {
    this.config = config;
    this.context = context;
  }

  @Override
  public String name() {
    return "router";
  }

  @Override
  public synchronized void start() {
    if (streams == null && !closed) {
      RouterStreams created = new RouterStreams(config, context);
      created.start();
      streams = created;
    }
  }

  @Override
  public synchronized boolean ready() {
    return !closed && streams != null && streams.ready();
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
