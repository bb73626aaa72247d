package dev.sluice.deploy.cli;

import dev.sluice.contract.avro.DeadLetter;
import dev.sluice.contract.topic.DeadLetters;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// The record that a letter is about: as it still is in its topic, else as far as the letter holds
/// it.
sealed interface Original {
  /// All of it is known.
  record Whole(ConsumerRecord<byte[], byte[]> record) implements Original {
    TopicPartition place() {
      return new TopicPartition(record.topic(), record.partition());
    }
  }

  /// It is gone from its topic, and the letter holds only the beginning.
  record Cut(ByteBuffer beginning) implements Original {}

  /// It is gone, and the letter holds none of it.
  record Gone() implements Original {}

  static Original of(DeadLetter letter, RecordReader reader) {
    TopicPartition place = new TopicPartition(letter.getTopic(), letter.getPartition());
    byte @Nullable [] kept = bytes(letter.getValue());
    Optional<ConsumerRecord<byte[], byte[]>> found =
        reader.find(place, letter.getOffset()).filter(record -> begins(record.value(), kept));
    if (found.isPresent()) {
      return new Whole(found.get());
    }
    if (kept == null) {
      return new Gone();
    }
    return kept.length < DeadLetters.KEPT_BYTES
        ? new Whole(
            new ConsumerRecord<>(
                place.topic(), place.partition(), letter.getOffset(), bytes(letter.getKey()), kept))
        : new Cut(ByteBuffer.wrap(kept));
  }

  /// A topic that was made again has other records at the same places.
  private static boolean begins(byte @Nullable [] value, byte @Nullable [] kept) {
    return value != null
        && kept != null
        && value.length >= kept.length
        && Arrays.equals(value, 0, kept.length, kept, 0, kept.length)
        && (value.length == kept.length || kept.length == DeadLetters.KEPT_BYTES);
  }

  static byte @Nullable [] bytes(@Nullable ByteBuffer buffer) {
    if (buffer == null) {
      return null;
    }
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
