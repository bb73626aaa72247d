package dev.sluice.deploy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/// Looks at a port before something heavy binds it, so that "taken" is said at once and in one
/// line.
final class FreePort {
  private FreePort() {}

  /// The port itself if it is free, or any free one for 0.
  ///
  /// @param what what would listen there, for the message
  /// @param remedy what the reader may do, for the message
  /// @throws StartFailure when it is taken
  static int probe(InetAddress address, int port, String what, String remedy) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(address, port));
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new StartFailure(
          "port %d on %s is not free for %s (%s): %s"
              .formatted(port, address.getHostAddress(), what, e.getMessage(), remedy),
          e);
    }
  }
}
