package dev.sluice.ingress.log;

import dev.sluice.contract.avro.BatchRequest;
import java.util.List;
import java.util.Optional;

/// Batches of all tenants, as the log says. Safe for use by many threads; may wait, and throws
/// [LogUnavailableException] when the log does not answer.
public interface BatchLog {

  /// Empty for an unknown or a foreign id.
  Optional<BatchFacts> find(String tenant, String id);

  /// A tenant's batches, newest first.
  List<BatchFacts> list(String tenant);

  /// All there are, of all tenants.
  List<BatchFacts> all();

  /// Returns when the log has it; its runner takes it from there.
  void submit(String tenant, String id, BatchRequest request);

  /// Asks its runner to cancel it.
  void cancel(BatchFacts batch);

  /// Forgets a batch that has ended.
  void remove(BatchFacts ended);
}
