package dev.sluice.contract.topic;

import dev.sluice.contract.avro.DeadLetter;
import dev.sluice.contract.model.ErrorCode;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// Makes what `sluice.dlq` keeps of a record that cannot be used.
public final class DeadLetters {
  /// Largest part of a key or a value that a letter keeps, bytes.
  public static final int KEPT_BYTES = 64 * 1024;

  private DeadLetters() {}

  /// @param why for the operator
  /// @param at when it is set aside
  public static DeadLetter of(
      ConsumerRecord<byte[], byte[]> record, ErrorCode code, String why, Instant at) {
    TopicPartition place = new TopicPartition(record.topic(), record.partition());
    return of(place, record.offset(), record.key(), record.value(), code, why, at);
  }

  /// @param why for the operator
  /// @param at when it is set aside
  public static DeadLetter of(
      TopicPartition place,
      long offset,
      byte @Nullable [] key,
      byte @Nullable [] value,
      ErrorCode code,
      String why,
      Instant at) {
    return DeadLetter.newBuilder()
        .setTopic(place.topic())
        .setPartition(place.partition())
        .setOffset(offset)
        .setCode(code.code())
        .setMessage(why)
        .setKey(head(key))
        .setValue(head(value))
        .setAt(at)
        .build();
  }

  private static @Nullable ByteBuffer head(byte @Nullable [] bytes) {
    return bytes == null ? null : ByteBuffer.wrap(bytes, 0, Math.min(bytes.length, KEPT_BYTES));
  }
}
