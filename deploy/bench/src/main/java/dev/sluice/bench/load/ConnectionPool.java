package dev.sluice.bench.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Idle connections to one target; more are opened when none is idle. Safe for many threads.
final class ConnectionPool implements AutoCloseable {
  private final Target target;
  private final Queue<Connection> idle = new ConcurrentLinkedQueue<>();

  ConnectionPool(Target target) {
    this.target = target;
  }

  /// Opens connections ahead, so that no measured request pays for its own.
  ConnectionPool open(int connections) throws IOException {
    for (int i = 0; i < connections; i++) {
      idle.add(new Connection(target.host(), target.port()));
    }
    return this;
  }

  Connection take() throws IOException {
    Connection connection = idle.poll();
    return connection == null ? new Connection(target.host(), target.port()) : connection;
  }

  void give(Connection connection) {
    idle.add(connection);
  }

  @Override
  public void close() {
    for (Connection connection = idle.poll(); connection != null; connection = idle.poll()) {
      try {
        connection.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
