package dev.sluice.runtime.http;

import dev.sluice.runtime.lifecycle.Service;
import java.util.List;

/// What a process still waits for before it can serve.
@FunctionalInterface
public interface Readiness {

  /// Names of the parts that are not ready; empty when all are.
  List<String> waitingFor();

  /// A process is ready when each of its services is.
  static Readiness of(List<? extends Service> services) {
    return () -> services.stream().filter(service -> !service.ready()).map(Service::name).toList();
  }
}
