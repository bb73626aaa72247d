package dev.sluice.ingress.batch;

import dev.sluice.contract.avro.BatchEntry;
import dev.sluice.contract.avro.FileEntry;
import dev.sluice.contract.avro.StoredFile;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Headers;
import dev.sluice.contract.topic.ShardPartition;
import dev.sluice.contract.topic.Topics;
import dev.sluice.ingress.callback.EventRecords;
import dev.sluice.ingress.core.callback.Event;
import dev.sluice.ingress.kafka.KafkaBatches;
import dev.sluice.ingress.kafka.KafkaFiles;
import dev.sluice.runtime.kafka.KafkaClients;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serde;

/// Writes the turns of one partition's batches. The transactional id is the partition's, so a new
/// owner's producer fences the one before, and nothing of an unfinished turn is ever read. Owned by
/// the runner's thread.
final class BatchProducer implements AutoCloseable {
  private static final String JOBS = Topics.jobs(Priority.BATCH).name();
  private static final String BATCHES = Topics.BATCHES.name();
  private static final String FILES = Topics.FILES.name();

  private final int partition;
  private final KafkaProducer<byte[], byte[]> producer;
  private final Serde<Submission> submissions;
  private final Serde<BatchEntry> batches;
  private final Serde<FileEntry> files;
  private final Optional<EventRecords> events;

  private BatchProducer(
      int partition,
      KafkaProducer<byte[], byte[]> producer,
      RecordSerdes serdes,
      Optional<EventRecords> events) {
    this.events = events;
    this.partition = partition;
    this.producer = producer;
    this.submissions = serdes.forRecord(Submission.class);
    this.batches = serdes.forRecord(BatchEntry.class);
    this.files = serdes.forRecord(FileEntry.class);
  }

  /// Fences every earlier owner of the partition, and ends its transaction.
  ///
  /// @param events empty where no callbacks are sent
  static BatchProducer fencing(
      int partition,
      KafkaClients kafka,
      String clientId,
      RecordSerdes serdes,
      Optional<EventRecords> events) {
    KafkaProducer<byte[], byte[]> producer =
        kafka.transactional(clientId + "-" + partition, "sluice-batches-" + partition);
    try {
      producer.initTransactions();
    } catch (RuntimeException e) {
      producer.close(Duration.ZERO);
      throw e;
    }
    return new BatchProducer(partition, producer, serdes, events);
  }

  /// All of it or nothing.
  ///
  /// @throws org.apache.kafka.common.KafkaException when it may not be in the log: read the log
  ///   again
  void write(List<Turn> turns) {
    producer.beginTransaction();
    for (Turn turn : turns) {
      turn.submissions().forEach(this::submit);
      turn.files().forEach(this::file);
      progress(turn);
      turn.event().ifPresent(this::raise);
    }
    producer.commitTransaction();
  }

  private void submit(Submission submission) {
    byte[] tenant = utf8(submission.getTenant());
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            JOBS,
            ShardPartition.of(JOBS, submission.getTenant(), submission.getJobId(), producer),
            tenant,
            submissions.serializer().serialize(JOBS, submission));
    record.headers().add(Headers.JOB, utf8(submission.getJobId()));
    record.headers().add(Headers.TENANT, tenant);
    record.headers().add(Headers.DEADLINE, utf8(submission.getDeadline().toString()));
    var _ = producer.send(record);
  }

  private void file(StoredFile file) {
    FileEntry entry = new FileEntry();
    entry.setFile(file);
    byte[] key = utf8(KafkaFiles.key(file.getTenant(), file.getId()));
    var _ =
        producer.send(new ProducerRecord<>(FILES, key, files.serializer().serialize(FILES, entry)));
  }

  private void progress(Turn turn) {
    BatchEntry entry = new BatchEntry();
    entry.setBatchId(turn.batchId());
    entry.setTenant(turn.tenant());
    entry.setProgress(turn.progress());
    var _ =
        producer.send(
            new ProducerRecord<>(
                BATCHES,
                partition,
                utf8(KafkaBatches.progressKey(turn.batchId())),
                batches.serializer().serialize(BATCHES, entry)));
  }

  private void raise(Event event) {
    events.ifPresent(records -> {
      var _ = producer.send(records.of(event, producer));
    });
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(1));
  }
}
