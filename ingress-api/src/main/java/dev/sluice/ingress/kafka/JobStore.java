package dev.sluice.ingress.kafka;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.NewestJobs;
import dev.sluice.ingress.core.JobFacts;
import dev.sluice.ingress.log.JobLog;
import dev.sluice.ingress.log.LogUnavailableException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.CompressionType;
import org.rocksdb.Env;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.Priority;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.SstPartitionerFixedPrefixFactory;
import org.rocksdb.WriteOptions;

/// The index of jobs on disk: facts and places, never bodies. It can be lost at any time and is
/// then built again from the log. What was read from the log and how far is written in one batch,
/// so after a kill it is never ahead of itself. A partition is written by the one thread that tails
/// it; all read.
final class JobStore implements AutoCloseable {
  private static final int MARK_ROWS = 1_024;
  private static final byte[] IDENTITY = {'I'};
  private static final long BUFFER_BYTES = 8L * 1024 * 1024;

  /// Those of some ten seconds at the highest rate: a job's first event comes sooner.
  static final int REMEMBERED = 20_000;

  static {
    RocksDB.loadLibrary();
    // A compaction, which after a crash takes a core for seconds, gives way to calls.
    Env.getDefault().lowerThreadPoolCPUPriority(Priority.LOW);
  }

  private final LRUCache cache = new LRUCache(BUFFER_BYTES);
  private final BloomFilter bloom = new BloomFilter(10);
  private final SstPartitionerFixedPrefixFactory byKind = new SstPartitionerFixedPrefixFactory(1);
  private final Options options;
  private final WriteOptions unsynced = new WriteOptions();
  private final RocksDB db;

  /// A new job is looked for when it is asked for and when its first event comes.
  private final NewestJobs newest;

  /// Held for reading by each use and for writing by the end: a native handle must not be used
  /// after it was closed.
  private final ReentrantReadWriteLock life = new ReentrantReadWriteLock();

  private boolean closed;

  private JobStore(Path folder) throws RocksDBException {
    options =
        new Options()
            .setCreateIfMissing(true)
            .setWriteBufferSize(BUFFER_BYTES)
            .setMaxWriteBufferNumber(2)
            .setMaxTotalWalSize(4 * BUFFER_BYTES)
            .setMaxOpenFiles(256)
            // Rows of each kind come in about the order of their keys, so below level 0 a file of
            // one kind alone overlaps no older one and moves down as it is. What level 0 is merged
            // into must be small, for a file there has rows of all kinds and so overlaps all of it.
            .setSstPartitionerFactory(byKind)
            .setLevel0FileNumCompactionTrigger(8)
            .setMaxBytesForLevelBase(2 * BUFFER_BYTES)
            .setTargetFileSizeBase(BUFFER_BYTES)
            .setCompressionType(CompressionType.LZ4_COMPRESSION)
            .setInfoLogLevel(InfoLogLevel.ERROR_LEVEL)
            .setKeepLogFileNum(2)
            .setTableFormatConfig(
                new BlockBasedTableConfig().setBlockCache(cache).setFilterPolicy(bloom));
    db = RocksDB.open(options, folder.toString());
    newest = new NewestJobs(REMEMBERED, newestStored());
  }

  private Optional<JobId> newestStored() {
    try (RocksIterator rows = db.newIterator()) {
      rows.seekForPrev(new byte[] {StoreKeys.FACTS + 1});
      return rows.isValid() && rows.key()[0] == StoreKeys.FACTS
          ? Optional.of(StoreKeys.jobOf(rows.key()))
          : Optional.empty();
    }
  }

  /// Opens the index of a log; one of another log, or one that cannot be read, is dropped.
  static JobStore open(Path folder, String log) {
    byte[] identity = (FactsCodec.FORM + " " + log).getBytes(StandardCharsets.UTF_8);
    try {
      Files.createDirectories(folder);
      JobStore store = openOrRebuild(folder);
      byte[] known = store.db.get(IDENTITY);
      if (known != null && !Arrays.equals(known, identity)) {
        store.close();
        drop(folder);
        store = new JobStore(folder);
      }
      store.db.put(IDENTITY, identity);
      return store;
    } catch (RocksDBException e) {
      throw new IllegalStateException("the job index cannot be opened in " + folder, e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JobStore openOrRebuild(Path folder) throws RocksDBException {
    try {
      return new JobStore(folder);
    } catch (RocksDBException e) {
      if (e.getMessage() != null && e.getMessage().contains("lock")) {
        throw e;
      }
      drop(folder);
      return new JobStore(folder);
    }
  }

  private static void drop(Path folder) throws RocksDBException {
    try (Options plain = new Options()) {
      RocksDB.destroyDB(folder.toString(), plain);
    }
  }

  private <T extends @Nullable Object> T use(Supplier<T> work) {
    life.readLock().lock();
    try {
      if (closed) {
        throw new LogUnavailableException("the ingress is stopping");
      }
      return work.get();
    } finally {
      life.readLock().unlock();
    }
  }

  /// Writes a batch and empties it.
  void write(StoreBatch batch) {
    use(() -> {
      try {
        batch.jobs().forEach(newest::store);
        batch.writeTo(db, unsynced);
        return batch;
      } catch (RocksDBException e) {
        throw new IllegalStateException("the job index cannot be written", e);
      }
    });
  }

  Optional<JobFacts> facts(JobId id) {
    byte[] value = newest.mayBeStored(id) ? get(StoreKeys.idKey(StoreKeys.FACTS, id)) : null;
    return value == null ? Optional.empty() : Optional.of(FactsCodec.decode(id, value));
  }

  OptionalLong position(char topic, int partition) {
    byte[] value = get(StoreKeys.positionKey(topic, partition));
    return value == null ? OptionalLong.empty() : OptionalLong.of(ByteBuffer.wrap(value).getLong());
  }

  /// Jobs of a tenant that match, newest first.
  List<JobFacts> list(
      String tenant, Optional<JobId> after, int limit, Predicate<JobFacts> matches) {
    return use(() -> scan(tenant, after, limit, matches));
  }

  private List<JobFacts> scan(
      String tenant, Optional<JobId> after, int limit, Predicate<JobFacts> matches) {
    byte[] prefix = StoreKeys.tenantPrefix(tenant);
    List<JobFacts> found = new ArrayList<>();
    try (RocksIterator rows = db.newIterator()) {
      rows.seek(after.map(id -> StoreKeys.tenantKey(tenant, id)).orElse(prefix));
      for (; rows.isValid() && found.size() < limit; rows.next()) {
        byte[] key = rows.key();
        if (key.length != prefix.length + 16 || !StoreKeys.startsWith(key, prefix)) {
          break;
        }
        ByteBuffer inverted = ByteBuffer.wrap(key, prefix.length, 16);
        JobId id = new JobId(~inverted.getLong(), ~inverted.getLong());
        if (after.isPresent() && id.equals(after.get())) {
          continue;
        }
        facts(id).filter(matches).ifPresent(found::add);
      }
    }
    return found;
  }

  /// Events shown from the one that holds `ordinal` on.
  List<EventRow> events(JobId id, int ordinal, int limit) {
    return use(() -> rows(id, ordinal, limit));
  }

  /// The last place among a job's events with no more than `part` parts before it and at least one
  /// after it.
  JobLog.Mark mark(JobId id, int part) {
    JobLog.Mark mark = JobLog.Mark.START;
    int parts = 0;
    int next = 1;
    while (true) {
      List<EventRow> page = events(id, next, MARK_ROWS);
      for (EventRow row : page) {
        if (parts > part) {
          return mark;
        }
        if (row.parts() > 0) {
          mark = new JobLog.Mark(row.ordinal() - (row.restarted() ? 2 : 1), parts);
          parts += row.parts();
        }
        next = row.lastOrdinal() + 1;
      }
      if (page.size() < MARK_ROWS) {
        return mark;
      }
    }
  }

  private List<EventRow> rows(JobId id, int ordinal, int limit) {
    List<EventRow> found = new ArrayList<>();
    byte[] prefix = StoreKeys.idKey(StoreKeys.EVENT, id);
    try (Slice end = new Slice(StoreKeys.eventKey(id, -1));
        ReadOptions bounded = new ReadOptions().setIterateUpperBound(end);
        RocksIterator rows = db.newIterator(bounded)) {
      rows.seekForPrev(StoreKeys.eventKey(id, ordinal));
      if (!rows.isValid() || !StoreKeys.startsWith(rows.key(), prefix)) {
        rows.seek(StoreKeys.eventKey(id, ordinal));
      }
      for (; rows.isValid() && found.size() < limit; rows.next()) {
        int first = ByteBuffer.wrap(rows.key(), prefix.length, 4).getInt();
        EventRow row = EventRow.decode(first, rows.value());
        if (row.lastOrdinal() >= ordinal) {
          found.add(row);
        }
      }
    }
    return found;
  }

  /// Drops what has expired, at most `limit` jobs.
  void expire(Instant now, int limit) {
    use(() -> {
      drop(now, limit);
      return limit;
    });
  }

  private void drop(Instant now, int limit) {
    try (RocksIterator rows = db.newIterator();
        StoreBatch batch = new StoreBatch()) {
      rows.seek(new byte[] {StoreKeys.EXPIRY});
      for (int left = limit; rows.isValid() && left > 0; rows.next(), left--) {
        byte[] key = rows.key();
        if (key[0] != StoreKeys.EXPIRY
            || ByteBuffer.wrap(key, 1, 8).getLong() > now.toEpochMilli()) {
          break;
        }
        ByteBuffer id = ByteBuffer.wrap(key, 9, 16);
        facts(new JobId(id.getLong(), id.getLong()))
            .ifPresentOrElse(facts -> batch.forget(facts, key), () -> batch.delete(key));
      }
      if (batch.size() > 0) {
        write(batch);
      }
    }
  }

  private byte @Nullable [] get(byte[] key) {
    return use(() -> valueOf(key));
  }

  private byte @Nullable [] valueOf(byte[] key) {
    try {
      return db.get(key);
    } catch (RocksDBException e) {
      throw new IllegalStateException("the job index cannot be read", e);
    }
  }

  @Override
  public void close() {
    life.writeLock().lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      db.close();
      unsynced.close();
      options.close();
      byKind.close();
      bloom.close();
      cache.close();
    } finally {
      life.writeLock().unlock();
    }
  }
}
