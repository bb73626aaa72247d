package dev.sluice.ingress;

import dev.sluice.ingress.batch.BatchRunner;
import dev.sluice.ingress.blob.BlobStore;
import dev.sluice.ingress.http.Storage;
import dev.sluice.ingress.kafka.KafkaBatches;
import dev.sluice.ingress.kafka.KafkaFiles;
import dev.sluice.ingress.sweep.SweepMeters;
import dev.sluice.ingress.sweep.Sweeper;
import dev.sluice.runtime.lifecycle.ServiceContext;

/// Files and batches of one ingress: what the log says of them, where their bytes are, who runs
/// batches and who removes what is left.
final class IngressStorage implements AutoCloseable {
  private final BlobStore blobs;
  private final KafkaFiles files;
  private final KafkaBatches batches;
  private final BatchRunner runner;
  private final Sweeper sweeper;

  IngressStorage(IngressConfig config, ServiceContext context) {
    this.blobs = config.storage().blobs().open();
    this.files = new KafkaFiles(context);
    this.batches = new KafkaBatches(context);
    this.runner =
        new BatchRunner(
            context, blobs, config.limits().bodyBytes(), config.callbacks().key().isPresent());
    this.sweeper =
        new Sweeper(
            new Sweeper.Tools(files, files.keys(), batches, blobs, runner::leads, context.clock()),
            config.storage().grace(),
            new SweepMeters(context.meters()));
  }

  /// What the HTTP side needs.
  Storage port() {
    return new Storage(files, batches, blobs, files.keys());
  }

  /// Begins, once the broker is reached.
  ///
  /// @param log what tells the log of files from every other log
  void start(String log) {
    files.start();
    batches.start();
    runner.start();
    sweeper.start(log);
  }

  @Override
  public void close() {
    sweeper.close();
    runner.close();
    batches.close();
    files.close();
    blobs.close();
  }
}
