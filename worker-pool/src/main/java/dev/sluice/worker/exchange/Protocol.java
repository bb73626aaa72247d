package dev.sluice.worker.exchange;

import dev.sluice.worker.core.Endpoint;
import dev.sluice.worker.provider.ProviderRequest;
import java.net.URI;
import java.net.http.HttpRequest;

/// What one vendor's protocol says about a call beyond HTTP.
public interface Protocol {

  /// Where an endpoint is.
  URI target(URI base, Endpoint endpoint);

  /// Where the list of models is.
  URI models(URI base);

  /// Name of the output limit that a server understands.
  String maxTokensField(Endpoint endpoint, URI base);

  /// Adds the headers that a request needs, besides the key.
  void headers(ProviderRequest request, HttpRequest.Builder http);

  /// Adds the key.
  void authorize(String key, HttpRequest.Builder http);
}
