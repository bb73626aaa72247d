package dev.sluice.ingress.http;

import dev.sluice.contract.model.Scope;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import java.util.Optional;

/// One method of one path.
///
/// @param name for metrics
/// @param scope what the key must allow; empty for any valid key
record Route(
    String name, HttpString method, Surface surface, Optional<Scope> scope, Endpoint endpoint) {

  boolean hasBody() {
    return method.equals(Methods.POST);
  }
}
