package dev.sluice.ingress.log;

import dev.sluice.contract.avro.BatchProgress;
import dev.sluice.contract.avro.BatchRequest;
import dev.sluice.ingress.core.batch.BatchStatus;
import java.time.Instant;
import java.util.Optional;

/// What the log says of one batch.
///
/// @param cancelWishedAt when someone asked for its cancel
/// @param progress empty until its runner has looked at it
public record BatchFacts(
    String id,
    String tenant,
    BatchRequest request,
    Optional<Instant> cancelWishedAt,
    Optional<BatchProgress> progress) {

  public BatchStatus status() {
    return progress.map(known -> BatchStatus.of(known.getStatus())).orElse(BatchStatus.VALIDATING);
  }
}
