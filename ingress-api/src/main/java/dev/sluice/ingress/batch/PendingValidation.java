package dev.sluice.ingress.batch;

import dev.sluice.contract.model.Policy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;

/// A validation on a thread of its own: an input of a gigabyte takes seconds, and other batches go
/// on meanwhile.
final class PendingValidation implements AutoCloseable {
  private final CompletableFuture<Validation.Report> report = new CompletableFuture<>();
  private final Thread thread;

  private PendingValidation(Validation validation) {
    thread =
        Thread.ofVirtual()
            .name("ingress-batch-validation")
            .unstarted(() -> {
              try {
                report.complete(validation.run());
              } catch (IOException e) {
                report.completeExceptionally(new UncheckedIOException(e));
              } catch (RuntimeException e) {
                report.completeExceptionally(e);
              }
            });
  }

  static PendingValidation start(BatchInput input, Policy policy) {
    PendingValidation pending = new PendingValidation(new Validation(input, policy));
    pending.thread.start();
    return pending;
  }

  boolean isDone() {
    return report.isDone();
  }

  /// Only once it is done.
  ///
  /// @throws java.util.concurrent.CompletionException when the input could not be read
  Validation.Report report() {
    return report.join();
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
