package dev.sluice.ingress.batch;

import dev.sluice.contract.avro.BatchProgress;
import dev.sluice.contract.avro.StoredFile;
import dev.sluice.contract.avro.Submission;
import java.util.List;

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
}
