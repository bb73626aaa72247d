package dev.sluice.ingress.batch;

import dev.sluice.contract.avro.BatchRequest;
import dev.sluice.contract.model.Policy;
import dev.sluice.ingress.blob.BlobStore;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// What all partitions of a runner share.
///
/// @param maxLineBytes longest line that can be a job
record BatchParts(
    BlobStore blobs,
    int maxLineBytes,
    Supplier<Policy> policies,
    ResultsReader results,
    LineCancels cancels,
    RandomGenerator random) {

  BatchInput input(BatchRequest request) {
    return new BatchInput(blobs, request, maxLineBytes);
  }

  Policy policy() {
    return policies.get();
  }
}
