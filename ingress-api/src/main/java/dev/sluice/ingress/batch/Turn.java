package dev.sluice.ingress.batch;

import dev.sluice.contract.avro.BatchProgress;
import dev.sluice.contract.avro.StoredFile;
import dev.sluice.contract.avro.Submission;
import dev.sluice.ingress.core.batch.BatchStatus;
import dev.sluice.ingress.core.callback.Event;
import dev.sluice.ingress.core.callback.EventTypes;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a runner writes for one batch, all of it in one transaction.
///
/// @param progress says what the submissions and files of the same transaction say
record Turn(
    String batchId,
    String tenant,
    BatchProgress progress,
    List<StoredFile> files,
    List<Submission> submissions) {
  Turn {
    files = List.copyOf(files);
    submissions = List.copyOf(submissions);
  }

  /// What is to be told once this is in the log; empty while the batch goes on.
  Optional<Event> event() {
    BatchStatus status = BatchStatus.of(progress.getStatus());
    Instant at = progress.getEndedAt();
    return status.ended() && at != null
        ? Optional.of(Event.of(tenant, EventTypes.ofBatch(status), batchId, status.key(), at))
        : Optional.empty();
  }
}
