package dev.sluice.ingress.core.callback;

import java.net.InetAddress;
import java.util.Optional;
import java.util.Set;

/// Where callbacks may go: by https, to the usual ports, to public addresses; inside the networks
/// that the operator allows also by http, and to any port. Decided when a URL is given, as far as
/// its text says, and again for the very address of each connection.
///
/// @param allowed networks that the operator opens
public record UrlGuard(Networks allowed) {
  private static final Set<Integer> PORTS = Set.of(443, 8443);
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

  /// What speaks against a URL before anyone has looked its host up.
  public Optional<String> objection(CallbackUrl url) {
    Optional<InetAddress> known =
        url.literal().or(() -> isLocal(url.host()) ? Optional.of(LOOPBACK) : Optional.empty());
    if (known.isPresent()) {
      return permits(url, known.get())
          ? Optional.empty()
          : Optional.of("must be https to a public address, on port 443 or 8443");
    }
    return allowed.isEmpty() && !isUsual(url)
        ? Optional.of("must be https, on port 443 or 8443")
        : Optional.empty();
  }

  /// Whether a connection to this address may be made for the URL.
  public boolean permits(CallbackUrl url, InetAddress address) {
    byte[] bytes = address.getAddress();
    return allowed.contains(bytes) || (isUsual(url) && PublicAddresses.contain(bytes));
  }

  private static boolean isUsual(CallbackUrl url) {
    return url.secure() && PORTS.contains(url.port());
  }

  private static boolean isLocal(String host) {
    return host.equals("localhost") || host.endsWith(".localhost");
  }
}
