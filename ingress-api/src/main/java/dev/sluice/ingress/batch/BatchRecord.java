package dev.sluice.ingress.batch;

import dev.sluice.contract.avro.BatchProgress;
import dev.sluice.contract.avro.BatchRequest;
import org.jspecify.annotations.Nullable;

/// A batch as its records in the log say.
///
/// @param progress null before a runner has looked at it
record BatchRecord(
    String id,
    String tenant,
    BatchRequest request,
    boolean cancelWished,
    @Nullable BatchProgress progress) {}
