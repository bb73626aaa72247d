package dev.sluice.ingress.callback;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/// Looks up a host's addresses.
public interface HostResolver {
  /// The resolver of this machine.
  HostResolver SYSTEM = host -> List.of(InetAddress.getAllByName(host));

  /// @throws UnknownHostException when there is none
  List<InetAddress> resolve(String host) throws UnknownHostException;
}
