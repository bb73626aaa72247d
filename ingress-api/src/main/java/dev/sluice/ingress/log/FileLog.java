package dev.sluice.ingress.log;

import dev.sluice.contract.avro.StoredFile;
import dev.sluice.contract.avro.Upload;
import dev.sluice.contract.avro.UploadPart;
import java.util.List;
import java.util.Optional;

/// Files and uploads of all tenants, as the log says. Whatever any ingress has answered for is
/// found; a foreign or unknown id, and what has expired, looks the same. Safe for use by many
/// threads; may wait, and throws [LogUnavailableException] when the log does not answer.
public interface FileLog {

  Optional<StoredFile> file(String tenant, String id);

  /// A tenant's files, newest first.
  List<StoredFile> files(String tenant);

  /// Returns when the log has it.
  void put(StoredFile file);

  void removeFile(String tenant, String id);

  Optional<Upload> upload(String tenant, String id);

  void put(Upload upload);

  void removeUpload(Upload upload);

  List<UploadPart> parts(String tenant, String uploadId);

  void put(UploadPart part);

  void removePart(UploadPart part);

  /// All there is, of all tenants, what has expired too.
  Everything everything();

  record Everything(List<StoredFile> files, List<Upload> uploads, List<UploadPart> parts) {
    public Everything {
      files = List.copyOf(files);
      uploads = List.copyOf(uploads);
      parts = List.copyOf(parts);
    }
  }
}
