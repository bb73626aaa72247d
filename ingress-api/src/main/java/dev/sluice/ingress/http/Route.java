package dev.sluice.ingress.http;

import dev.sluice.contract.model.Scope;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import java.util.Optional;

/// One method of one path.
///
/// @param name for metrics
/// @param scope what the key must allow; empty for any valid key
/// @param streamed whether the endpoint reads the body itself, of any type and as large as a file
record Route(
    String name,
    HttpString method,
    Surface surface,
    Optional<Scope> scope,
    Endpoint endpoint,
    boolean streamed) {

  Route(String name, HttpString method, Surface surface, Optional<Scope> scope, Endpoint endpoint) {
    this(name, method, surface, scope, endpoint, false);
  }

  boolean hasBody() {
    return method.equals(Methods.POST);
  }
}
