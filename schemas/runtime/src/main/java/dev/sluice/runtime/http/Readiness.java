package dev.sluice.runtime.http;

import dev.sluice.runtime.lifecycle.Service;
import java.util.List;

/// What a process still waits for before it can serve.
@FunctionalInterface
public interface Readiness {

  /// The parts that are not ready; empty when all are.
  List<Waiting> waitingFor();

  /// A part that is not ready.
  ///
  /// @param reason what it waits for, for people
  record Waiting(String service, String reason) {
    @Override
    public String toString() {
      return service + " (" + reason + ")";
    }
  }

  /// A process is ready when each of its services is.
  static Readiness of(List<? extends Service> services) {
    return () ->
        services.stream()
            .flatMap(service ->
                service.waitsFor().stream().map(reason -> new Waiting(service.name(), reason)))
            .toList();
  }
}
