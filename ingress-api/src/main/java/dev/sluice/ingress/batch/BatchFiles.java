package dev.sluice.ingress.batch;

import dev.sluice.contract.avro.BatchProgress;
import dev.sluice.contract.avro.BlobPart;
import dev.sluice.contract.avro.StoredFile;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The files that a batch writes. Their ids follow from the batch's, and they are there from their
/// first line on and grow.
public final class BatchFiles {
  private static final String PURPOSE = "batch_output";

  private BatchFiles() {}

  public static String outputId(String batchId) {
    return "file-" + batchId.substring(batchId.indexOf('_') + 1) + "-output";
  }

  public static String errorsId(String batchId) {
    return "file-" + batchId.substring(batchId.indexOf('_') + 1) + "-error";
  }

  static Optional<StoredFile> output(BatchRecord batch, BatchProgress progress) {
    return file(batch, progress, outputId(batch.id()), "_output.jsonl", progress.getOutput());
  }

  static Optional<StoredFile> errors(BatchRecord batch, BatchProgress progress) {
    return file(batch, progress, errorsId(batch.id()), "_error.jsonl", progress.getErrors());
  }

  private static Optional<StoredFile> file(
      BatchRecord batch, BatchProgress progress, String id, String name, List<BlobPart> parts) {
    if (parts.isEmpty()) {
      return Optional.empty();
    }
    StoredFile file = new StoredFile();
    file.setId(id);
    file.setTenant(batch.tenant());
    file.setFilename(batch.id() + name);
    file.setPurpose(PURPOSE);
    file.setCreatedAt(progress.getInProgressAt());
    Long ttl = batch.request().getOutputTtlSeconds();
    Instant ended = progress.getEndedAt();
    file.setExpiresAt(ttl == null || ended == null ? null : ended.plusSeconds(ttl));
    file.setParts(parts);
    return Optional.of(file);
  }
}
