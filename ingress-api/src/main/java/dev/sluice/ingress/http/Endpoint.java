package dev.sluice.ingress.http;

import java.io.IOException;

/// Answers one kind of request, on a virtual thread of its own: it may wait.
interface Endpoint {

  /// @throws IOException when the caller is gone
  void serve(Call call) throws IOException;
}
