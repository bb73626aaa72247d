package dev.sluice.ingress.batch;

import dev.sluice.contract.avro.BatchRequest;
import dev.sluice.ingress.blob.BlobStore;
import dev.sluice.ingress.blob.Parts;
import dev.sluice.ingress.json.BatchLine;

/// How the lines of one batch are read.
///
/// @param maxLineBytes longer ones cannot be jobs
record BatchInput(BlobStore blobs, BatchRequest request, int maxLineBytes) {
  private static final String ANTHROPIC = "anthropic";

  static boolean isAnthropic(BatchRequest request) {
    return request.getSurface().equals(ANTHROPIC);
  }

  /// @param offset where to begin, bytes
  LineSource from(long offset) {
    return new LineSource(new Parts(blobs, request.getInput(), offset), offset, maxLineBytes);
  }

  /// @throws dev.sluice.ingress.core.RefusedException when it is not a line of this batch
  BatchLine parse(byte[] line) {
    return isAnthropic(request)
        ? BatchLine.anthropic(line)
        : BatchLine.openAi(line, request.getEndpoint());
  }
}
