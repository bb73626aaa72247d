package dev.sluice.ingress.callback;

import dev.sluice.contract.avro.Callback;
import java.util.List;
import java.util.Optional;

/// What became of deliveries, as their last attempt left them.
public interface DeliveryLog {

  /// Deliveries to an endpoint, newest event first.
  ///
  /// @param after only those older than this one
  List<Callback> ofEndpoint(String tenant, String endpointId, Optional<Callback> after, int limit);

  /// Deliveries of what happened to a subject, such as a job.
  List<Callback> ofSubject(String tenant, String subject, int limit);

  Optional<Callback> find(String tenant, String id);

  /// Begins it from its first attempt again, at once, with the same ids.
  ///
  /// @throws dev.sluice.ingress.log.LogUnavailableException when the log does not confirm in time
  void redeliver(Callback delivery);
}
