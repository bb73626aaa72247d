package dev.sluice.worker.exchange;

import dev.sluice.worker.core.Endpoint;
import java.net.URI;

/// Where the endpoints of a server are.
public final class Targets {
  /// Path of the list of models.
  public static final String MODELS = "/v1/models";

  private static final String VERSION = "/v1";

  private Targets() {}

  /// The base URL stands for `/v1`: what follows that in the endpoint is appended to it.
  public static URI below(URI versionedBase, Endpoint endpoint) {
    return below(versionedBase, endpoint.path());
  }

  /// As [#below(URI, Endpoint)].
  public static URI below(URI versionedBase, String path) {
    return URI.create(trimmed(versionedBase) + path.substring(VERSION.length()));
  }

  /// The base URL stands for what comes before `/v1`; one that ends with it is understood too.
  public static URI belowRoot(URI base, Endpoint endpoint) {
    return belowRoot(base, endpoint.path());
  }

  /// As [#belowRoot(URI, Endpoint)].
  public static URI belowRoot(URI base, String path) {
    String prefix = trimmed(base);
    return URI.create(
        prefix.endsWith(VERSION) ? prefix + path.substring(VERSION.length()) : prefix + path);
  }

  private static String trimmed(URI base) {
    String prefix = base.toString();
    return prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix;
  }
}
