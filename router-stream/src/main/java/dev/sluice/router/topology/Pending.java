package dev.sluice.router.topology;

import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/// A record that is not sent yet, and who is told of its end: the callback, then the future.
record Pending(
    ProducerRecord<byte[], byte[]> record,
    @Nullable Callback callback,
    CompletableFuture<RecordMetadata> future) {

  Pending(ProducerRecord<byte[], byte[]> record, @Nullable Callback callback) {
    this(record, callback, new CompletableFuture<>());
  }

  void settle(@Nullable RecordMetadata metadata, @Nullable Exception failure) {
    if (callback != null) {
      callback.onCompletion(metadata, failure);
    }
    if (failure == null) {
      future.complete(metadata);
    } else {
      future.completeExceptionally(failure);
    }
  }
}
