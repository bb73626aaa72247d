package dev.sluice.ingress.sweep;

import dev.sluice.contract.avro.BatchProgress;
import dev.sluice.contract.avro.BlobPart;
import dev.sluice.ingress.log.BatchFacts;
import dev.sluice.ingress.log.BatchLog;
import dev.sluice.ingress.log.FileLog;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The blobs that something in the log refers to, as of its end at the call.
final class References {
  private final Set<String> keys = new HashSet<>();

  private References() {}

  static Set<String> read(FileLog files, BatchLog batches) {
    References found = new References();
    FileLog.Everything all = files.everything();
    all.files().forEach(file -> found.add(file.getParts()));
    all.parts().forEach(part -> found.add(List.of(part.getContent())));
    batches.all().forEach(found::add);
    found.keys.add(StoreOwner.KEY);
    return found.keys;
  }

  /// A batch that runs needs its input and its outputs. One that has ended gave its outputs to
  /// files; without an input file, as on Anthropic's surface, they are its own.
  private void add(BatchFacts batch) {
    boolean runs = !batch.status().ended();
    if (runs) {
      add(batch.request().getInput());
    }
    BatchProgress progress = batch.progress().orElse(null);
    if (progress != null && (runs || batch.request().getInputFileId() == null)) {
      add(progress.getOutput());
      add(progress.getErrors());
    }
  }

  private void add(List<BlobPart> parts) {
    parts.forEach(part -> keys.add(part.getBlob()));
  }
}
