package dev.sluice.ingress.batch;

import dev.sluice.contract.model.Policy;
import dev.sluice.ingress.blob.BlobStoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A validation on a thread of its own: an input of a gigabyte takes seconds, and other batches go
/// on meanwhile. A blob store that fails does not fail the batch; it is asked again until it is
/// back.
final class PendingValidation implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PendingValidation.class);
  private static final Duration PAUSE = Duration.ofSeconds(2);

  private final CompletableFuture<Validation.Report> report = new CompletableFuture<>();
  private final BatchInput input;
  private final Policy policy;
  private final Thread thread;
  private volatile boolean closed;

  private PendingValidation(BatchInput input, Policy policy) {
    this.input = input;
    this.policy = policy;
    this.thread = Thread.ofVirtual().name("ingress-batch-validation").unstarted(this::run);
  }

  static PendingValidation start(BatchInput input, Policy policy) {
    PendingValidation pending = new PendingValidation(input, policy);
    pending.thread.start();
    return pending;
  }

  private void run() {
    try {
      while (!closed && !attempt()) {
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    } catch (IOException e) {
      report.completeExceptionally(new UncheckedIOException(e));
    } catch (RuntimeException e) {
      report.completeExceptionally(e);
    }
  }

  /// False when the store failed.
  private boolean attempt() throws IOException {
    try {
      report.complete(new Validation(input, policy).run());
      return true;
    } catch (BlobStoreException e) {
      LOG.atWarn().setCause(e).log("input of a batch not readable now, trying again");
      return false;
    }
  }

  boolean isDone() {
    return report.isDone();
  }

  /// Only once it is done.
  ///
  /// @throws java.util.concurrent.CompletionException when the input cannot be read
  Validation.Report report() {
    return report.join();
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
