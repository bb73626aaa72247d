package dev.sluice.deploy.cli;

import dev.sluice.contract.avro.DeadLetter;
import dev.sluice.contract.topic.Headers;
import dev.sluice.contract.topic.Topics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;

/// Writes what was set aside to the partition it came from, and then a note of that into
/// `sluice.dlq`, so that it is not done twice. Without a transaction, since its markers are offsets
/// that the router would wait for: a crash between the two can leave a record without its note.
final class Redrive implements AutoCloseable {
  private final LogOptions.OpenLog log;
  private final LetterBox box;
  private final RecordReader reader;
  private final KafkaProducer<byte[], byte[]> producer;

  /// What became of one letter.
  sealed interface Outcome {
    record Written() implements Outcome {}

    /// @param why and what to do about it
    record Refused(String why) implements Outcome {}
  }

  Redrive(LogOptions.OpenLog log) {
    this.log = log;
    this.box = new LetterBox(log);
    this.reader = new RecordReader(log.kafka());
    this.producer = log.kafka().producer("sluice-cli");
  }

  Outcome write(Letter letter) {
    Optional<DeadLetter> found = box.find(letter.id(), reader);
    if (found.isEmpty()) {
      return new Outcome.Refused("retention has removed it");
    }
    return switch (Original.of(found.get(), reader)) {
      case Original.Whole whole when !reader.exists(whole.place()) ->
          new Outcome.Refused("its partition " + whole.place() + " is no more");
      case Original.Whole whole -> {
        send(record(whole, letter.id()));
        send(note(letter));
        yield new Outcome.Written();
      }
      case Original.Cut(ByteBuffer beginning) ->
          new Outcome.Refused(
              "its topic has removed it and the letter holds only the first %d bytes; submit it anew"
                  .formatted(beginning.remaining()));
      case Original.Gone() ->
          new Outcome.Refused("its topic has removed it and the letter holds none of it");
    };
  }

  private static ProducerRecord<byte[], byte[]> record(Original.Whole whole, LetterId id) {
    ConsumerRecord<byte[], byte[]> record = whole.record();
    RecordHeaders headers = new RecordHeaders(record.headers().toArray());
    headers.remove(Headers.DEAD_LETTER);
    headers.add(Headers.DEAD_LETTER, id.toString().getBytes(StandardCharsets.UTF_8));
    return new ProducerRecord<>(
        record.topic(), record.partition(), record.key(), record.value(), headers);
  }

  private ProducerRecord<byte[], byte[]> note(Letter letter) {
    DeadLetter note =
        DeadLetter.newBuilder()
            .setTopic(letter.topic())
            .setPartition(letter.partition())
            .setOffset(letter.offset())
            .setCode(letter.code())
            .setMessage("written to its topic again")
            .setAt(Instant.now())
            .setRedrives(letter.id().toString())
            .build();
    String topic = Topics.DLQ.name();
    return new ProducerRecord<>(
        topic,
        letter.topic().getBytes(StandardCharsets.UTF_8),
        log.serdes().forRecord(DeadLetter.class).serializer().serialize(topic, note));
  }

  private void send(ProducerRecord<byte[], byte[]> record) {
    try {
      producer.send(record).get();
    } catch (ExecutionException e) {
      throw new CommandFailure(
          ExitCode.FAILED, "%s refuses a record: %s".formatted(record.topic(), e.getCause()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(ExitCode.FAILED, "interrupted");
    }
  }

  @Override
  public void close() {
    producer.close();
    reader.close();
  }
}
