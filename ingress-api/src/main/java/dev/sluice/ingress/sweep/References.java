package dev.sluice.ingress.sweep;

import dev.sluice.contract.avro.BatchProgress;
import dev.sluice.contract.avro.BatchRequest;
import dev.sluice.contract.avro.BlobPart;
import dev.sluice.contract.avro.KeyedCall;
import dev.sluice.contract.avro.StoredFile;
import dev.sluice.contract.avro.UploadPart;
import dev.sluice.ingress.log.BatchFacts;
import dev.sluice.ingress.log.FileLog;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The blobs that something in the log refers to, as of its end at the call.
final class References {
  private final Set<String> keys = new HashSet<>();

  private References() {}

  static Set<String> read(Sweeper.Tools tools, Instant now) {
    References found = new References();
    FileLog.Everything all = tools.files().everything();
    all.files().forEach(file -> found.add(file.getParts()));
    all.parts().forEach(part -> found.add(List.of(part.getContent())));
    tools.batches().all().forEach(found::add);
    tools.keys().holding(now).forEach(found::add);
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

  /// A repeat makes what its first call could not: until then the bytes wait.
  private void add(KeyedCall call) {
    StoredFile file = call.getFile();
    UploadPart part = call.getPart();
    BatchRequest batch = call.getBatch();
    if (file != null) {
      add(file.getParts());
    }
    if (part != null) {
      add(List.of(part.getContent()));
    }
    if (batch != null) {
      add(batch.getInput());
    }
  }

  private void add(List<BlobPart> parts) {
    parts.forEach(part -> keys.add(part.getBlob()));
  }
}
