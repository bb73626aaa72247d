package dev.sluice.ingress.http;

import dev.sluice.contract.avro.BatchProgress;
import dev.sluice.contract.avro.BatchRequest;
import dev.sluice.contract.avro.StoredFile;
import dev.sluice.contract.avro.Upload;
import dev.sluice.contract.avro.UploadPart;
import dev.sluice.ingress.log.BatchFacts;
import dev.sluice.ingress.log.BatchLog;
import dev.sluice.ingress.log.FileLog;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/// Files and batches in memory.
public final class MemoryStorage implements FileLog, BatchLog {
  private final Map<String, StoredFile> files = new ConcurrentSkipListMap<>();
  private final Map<String, Upload> uploads = new ConcurrentSkipListMap<>();
  private final Map<String, UploadPart> parts = new ConcurrentSkipListMap<>();
  private final Map<String, BatchFacts> batches = new ConcurrentSkipListMap<>();

  /// The calls under keys.
  public final MemoryKeys keys = new MemoryKeys();

  @Override
  public Optional<StoredFile> file(String tenant, String id) {
    return Optional.ofNullable(files.get(id)).filter(file -> file.getTenant().equals(tenant));
  }

  @Override
  public List<StoredFile> files(String tenant) {
    return files.values().stream()
        .filter(file -> file.getTenant().equals(tenant))
        .toList()
        .reversed();
  }

  @Override
  public void put(StoredFile file) {
    files.put(file.getId(), file);
  }

  @Override
  public void removeFile(String tenant, String id) {
    files.remove(id);
  }

  @Override
  public Optional<Upload> upload(String tenant, String id) {
    return Optional.ofNullable(uploads.get(id)).filter(one -> one.getTenant().equals(tenant));
  }

  @Override
  public void put(Upload upload) {
    uploads.put(upload.getId(), upload);
  }

  @Override
  public void removeUpload(Upload upload) {
    uploads.remove(upload.getId());
  }

  @Override
  public Everything everything() {
    return new Everything(
        List.copyOf(files.values()), List.copyOf(uploads.values()), List.copyOf(parts.values()));
  }

  @Override
  public List<UploadPart> parts(String tenant, String uploadId) {
    return parts.values().stream().filter(part -> part.getUploadId().equals(uploadId)).toList();
  }

  @Override
  public void put(UploadPart part) {
    parts.put(part.getId(), part);
  }

  @Override
  public void removePart(UploadPart part) {
    parts.remove(part.getId());
  }

  @Override
  public Optional<BatchFacts> find(String tenant, String id) {
    return Optional.ofNullable(batches.get(id)).filter(batch -> batch.tenant().equals(tenant));
  }

  @Override
  public List<BatchFacts> all() {
    return List.copyOf(batches.values());
  }

  @Override
  public List<BatchFacts> list(String tenant) {
    return batches.values().stream()
        .filter(batch -> batch.tenant().equals(tenant))
        .toList()
        .reversed();
  }

  @Override
  public void submit(String tenant, String id, BatchRequest request) {
    batches.put(id, new BatchFacts(id, tenant, request, Optional.empty(), Optional.empty()));
  }

  @Override
  public void cancel(BatchFacts batch) {
    batches.put(
        batch.id(),
        new BatchFacts(
            batch.id(),
            batch.tenant(),
            batch.request(),
            Optional.of(Instant.EPOCH),
            batch.progress()));
  }

  @Override
  public void remove(BatchFacts ended) {
    batches.remove(ended.id());
  }

  /// What a runner says of a batch.
  public void progress(String id, BatchProgress progress) {
    batches.computeIfPresent(
        id,
        (_, batch) ->
            new BatchFacts(
                id,
                batch.tenant(),
                batch.request(),
                batch.cancelWishedAt(),
                Optional.of(progress)));
  }
}
