package dev.sluice.ingress.kafka;

import dev.sluice.contract.avro.FileEntry;
import dev.sluice.contract.avro.StoredFile;
import dev.sluice.contract.avro.Upload;
import dev.sluice.contract.avro.UploadPart;
import dev.sluice.contract.topic.Topics;
import dev.sluice.ingress.log.FileLog;
import dev.sluice.ingress.log.KeyLog;
import dev.sluice.runtime.lifecycle.ServiceContext;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;

/// Files and uploads in memory, as `sluice.files` says: a few hundred bytes each. An answer comes
/// once everything in the topic has been read, so what another ingress has just answered for is
/// found.
public final class KafkaFiles implements FileLog, AutoCloseable {
  private static final String TOPIC = Topics.FILES.name();

  private final Serde<FileEntry> serde;
  private final InstantSource clock;
  private final TopicFollower follower;
  private final TableWriter writer;
  private final KafkaKeys keys;
  private final ConcurrentSkipListMap<String, FileEntry> entries = new ConcurrentSkipListMap<>();

  public KafkaFiles(ServiceContext context) {
    this.serde = context.serdes().forRecord(FileEntry.class);
    this.clock = context.clock();
    this.follower = new TopicFollower(context.kafka(), "sluice-ingress-files", TOPIC, this::take);
    this.writer =
        new TableWriter(context.kafka(), "sluice-ingress-file-writer-" + context.processId());
    this.keys = new KafkaKeys(serde, follower, writer);
  }

  /// The key of a file, an upload or a part.
  public static String key(String tenant, String id) {
    return tenant + "/" + id;
  }

  /// Calls under keys; in the same topic, since most of them make files.
  public KeyLog keys() {
    return keys;
  }

  /// Begins to read; until then nothing is found.
  public void start() {
    follower.start();
  }

  private void take(String key, byte @Nullable [] value) {
    FileEntry entry = value == null ? null : serde.deserializer().deserialize(TOPIC, value);
    if (entry == null && KafkaKeys.owns(key)) {
      keys.takeRemoval(key);
    } else if (entry == null) {
      entries.remove(key);
    } else if (entry.getKeyed() != null) {
      keys.take(key, entry.getKeyed());
    } else {
      entries.put(key, entry);
    }
  }

  /// The latest there is: a batch that has just been shown as completed has its whole output here,
  /// though its progress is read by another thread.
  private <T> Optional<T> find(String tenant, String id, Function<FileEntry, @Nullable T> kind) {
    follower.settle();
    return Optional.ofNullable(entries.get(key(tenant, id))).map(kind);
  }

  @Override
  public Optional<StoredFile> file(String tenant, String id) {
    return find(tenant, id, FileEntry::getFile).filter(this::lives);
  }

  private boolean lives(StoredFile file) {
    Instant end = file.getExpiresAt();
    return end == null || end.isAfter(clock.instant());
  }

  @Override
  public List<StoredFile> files(String tenant) {
    follower.settle();
    return ofTenant(tenant)
        .map(FileEntry::getFile)
        .filter(file -> file != null && lives(file))
        .sorted(
            Comparator.comparing(StoredFile::getCreatedAt)
                .thenComparing(StoredFile::getId)
                .reversed())
        .toList();
  }

  private java.util.stream.Stream<FileEntry> ofTenant(String tenant) {
    // '0' follows '/'.
    return entries.subMap(tenant + "/", tenant + "0").values().stream();
  }

  @Override
  public void put(StoredFile file) {
    FileEntry entry = new FileEntry();
    entry.setFile(file);
    write(key(file.getTenant(), file.getId()), entry);
  }

  @Override
  public void removeFile(String tenant, String id) {
    remove(key(tenant, id));
  }

  @Override
  public Optional<Upload> upload(String tenant, String id) {
    return find(tenant, id, FileEntry::getUpload);
  }

  @Override
  public void put(Upload upload) {
    FileEntry entry = new FileEntry();
    entry.setUpload(upload);
    write(key(upload.getTenant(), upload.getId()), entry);
  }

  @Override
  public void removeUpload(Upload upload) {
    remove(key(upload.getTenant(), upload.getId()));
  }

  @Override
  public List<UploadPart> parts(String tenant, String uploadId) {
    follower.settle();
    return ofTenant(tenant)
        .map(FileEntry::getPart)
        .filter(part -> part != null && part.getUploadId().equals(uploadId))
        .toList();
  }

  @Override
  public void put(UploadPart part) {
    FileEntry entry = new FileEntry();
    entry.setPart(part);
    write(key(part.getTenant(), part.getId()), entry);
  }

  @Override
  public void removePart(UploadPart part) {
    remove(key(part.getTenant(), part.getId()));
  }

  @Override
  public Everything everything() {
    follower.settle();
    List<FileEntry> all = List.copyOf(entries.values());
    return new Everything(
        of(all, FileEntry::getFile), of(all, FileEntry::getUpload), of(all, FileEntry::getPart));
  }

  private static <T> List<T> of(List<FileEntry> all, Function<FileEntry, @Nullable T> kind) {
    List<T> found = new ArrayList<>();
    for (FileEntry entry : all) {
      T one = kind.apply(entry);
      if (one != null) {
        found.add(one);
      }
    }
    return found;
  }

  private void write(String key, FileEntry entry) {
    writer.put(TOPIC, null, key, serde.serializer().serialize(TOPIC, entry));
    follower.settle();
  }

  private void remove(String key) {
    writer.put(TOPIC, null, key, null);
    follower.settle();
  }

  @Override
  public void close() {
    follower.close();
    writer.close();
  }
}
