package dev.sluice.ingress.callback;

import dev.sluice.contract.avro.Callback;
import dev.sluice.contract.topic.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.kafka.common.serialization.Serde;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.CompressionType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/// The log of deliveries on disk, found by delivery, endpoint and subject. It can be lost at any
/// time and is then built again from its topic: each record goes into it together with how far the
/// topic was read. Written by one thread, read by many.
final class DeliveryHistory implements AutoCloseable {
  private static final byte[] IDENTITY = {'I'};
  private static final byte DELIVERY = 'd';
  private static final byte ENDPOINT = 'e';
  private static final byte SUBJECT = 's';
  private static final byte POSITION = 'p';
  private static final byte[] NOTHING = {};
  private static final long BUFFER_BYTES = 2L * 1024 * 1024;
  private static final String TOPIC = Topics.CALLBACKS_LOG.name();

  static {
    RocksDB.loadLibrary();
  }

  private final Serde<Callback> serde;
  private final LRUCache cache = new LRUCache(BUFFER_BYTES);
  private final Options options;
  private final WriteOptions unsynced = new WriteOptions();
  private final RocksDB db;

  /// Held for reading by each use and for writing by the end: a native handle must not be used
  /// after it was closed.
  private final ReentrantReadWriteLock life = new ReentrantReadWriteLock();

  private boolean closed;

  private DeliveryHistory(Path folder, Serde<Callback> serde) throws RocksDBException {
    this.serde = serde;
    this.options =
        new Options()
            .setCreateIfMissing(true)
            .setWriteBufferSize(BUFFER_BYTES)
            .setMaxOpenFiles(64)
            .setCompressionType(CompressionType.LZ4_COMPRESSION)
            .setInfoLogLevel(InfoLogLevel.ERROR_LEVEL)
            .setKeepLogFileNum(2)
            .setTableFormatConfig(new BlockBasedTableConfig().setBlockCache(cache));
    this.db = RocksDB.open(options, folder.toString());
  }

  /// Opens the history of a topic; that of another one, or one that cannot be read, is dropped.
  ///
  /// @param identity of the topic
  static DeliveryHistory open(Path folder, String identity, Serde<Callback> serde) {
    byte[] wanted = identity.getBytes(StandardCharsets.UTF_8);
    try {
      Files.createDirectories(folder);
      DeliveryHistory history = openOrDrop(folder, serde);
      byte[] known = history.db.get(IDENTITY);
      if (known != null && !Arrays.equals(known, wanted)) {
        history.close();
        drop(folder);
        history = new DeliveryHistory(folder, serde);
      }
      history.db.put(IDENTITY, wanted);
      return history;
    } catch (RocksDBException e) {
      throw new IllegalStateException("the log of deliveries cannot be opened in " + folder, e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static DeliveryHistory openOrDrop(Path folder, Serde<Callback> serde)
      throws RocksDBException, IOException {
    try {
      return new DeliveryHistory(folder, serde);
    } catch (RocksDBException e) {
      if (e.getMessage() != null && e.getMessage().contains("lock")) {
        throw e;
      }
      drop(folder);
      return new DeliveryHistory(folder, serde);
    }
  }

  private static void drop(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
    Files.createDirectories(folder);
  }

  /// From which offset on a partition has not been read; 0 when nothing was.
  long position(int partition) {
    return use(() -> {
      try {
        byte[] bytes = db.get(positionKey(partition));
        return bytes == null ? 0L : ByteBuffer.wrap(bytes).getLong();
      } catch (RocksDBException e) {
        throw broken(e);
      }
    });
  }

  /// A record of the topic.
  void put(int partition, long offset, Callback callback, byte[] value) {
    use(() -> {
      try (WriteBatch batch = new WriteBatch()) {
        batch.put(deliveryKey(callback.getTenant(), callback.getId()), value);
        if (callback.getEndpointId() != null) {
          batch.put(endpointKey(callback), NOTHING);
        }
        batch.put(subjectKey(callback), NOTHING);
        batch.put(
            positionKey(partition), ByteBuffer.allocate(Long.BYTES).putLong(offset + 1).array());
        db.write(unsynced, batch);
        return true;
      } catch (RocksDBException e) {
        throw broken(e);
      }
    });
  }

  Optional<Callback> find(String tenant, String id) {
    return use(() -> {
      try {
        byte[] value = db.get(deliveryKey(tenant, id));
        return value == null ? Optional.<Callback>empty() : Optional.of(read(value));
      } catch (RocksDBException e) {
        throw broken(e);
      }
    });
  }

  List<Callback> ofEndpoint(String tenant, String endpointId, Optional<Callback> after, int limit) {
    byte[] prefix = key(ENDPOINT, tenant, endpointId);
    byte[] start = after.map(DeliveryHistory::endpointKey).orElse(prefix);
    return listed(tenant, prefix, start, prefix.length + Long.BYTES, after.isPresent(), limit);
  }

  List<Callback> ofSubject(String tenant, String subject, int limit) {
    byte[] prefix = key(SUBJECT, tenant, subject);
    return listed(tenant, prefix, prefix, prefix.length, false, limit);
  }

  private List<Callback> listed(
      String tenant, byte[] prefix, byte[] start, int idAt, boolean skipsFirst, int limit) {
    List<String> ids = new ArrayList<>();
    use(() -> {
      try (RocksIterator each = db.newIterator()) {
        for (each.seek(start); each.isValid() && ids.size() < limit; each.next()) {
          byte[] key = each.key();
          if (!startsWith(key, prefix)) {
            break;
          }
          if (!skipsFirst || !Arrays.equals(key, start)) {
            ids.add(new String(key, idAt, key.length - idAt, StandardCharsets.UTF_8));
          }
        }
      }
      return true;
    });
    return ids.stream().flatMap(id -> find(tenant, id).stream()).toList();
  }

  /// Forgets what is older.
  void purge(Instant before) {
    List<Callback> old = new ArrayList<>();
    use(() -> {
      try (RocksIterator each = db.newIterator()) {
        byte[] prefix = {DELIVERY};
        for (each.seek(prefix); each.isValid() && startsWith(each.key(), prefix); each.next()) {
          Callback callback = read(each.value());
          if (callback.getCreatedAt().isBefore(before)) {
            old.add(callback);
          }
        }
      }
      return true;
    });
    old.forEach(this::forget);
  }

  private void forget(Callback callback) {
    use(() -> {
      try (WriteBatch batch = new WriteBatch()) {
        batch.delete(deliveryKey(callback.getTenant(), callback.getId()));
        batch.delete(subjectKey(callback));
        if (callback.getEndpointId() != null) {
          batch.delete(endpointKey(callback));
        }
        db.write(unsynced, batch);
        return true;
      } catch (RocksDBException e) {
        throw broken(e);
      }
    });
  }

  private Callback read(byte[] value) {
    return serde.deserializer().deserialize(TOPIC, value);
  }

  private <T> T use(Supplier<T> what) {
    life.readLock().lock();
    try {
      if (closed) {
        throw new dev.sluice.ingress.log.LogUnavailableException("the ingress is stopping");
      }
      return what.get();
    } finally {
      life.readLock().unlock();
    }
  }

  private static byte[] deliveryKey(String tenant, String id) {
    return key(DELIVERY, tenant, id);
  }

  /// Newest event first.
  private static byte[] endpointKey(Callback callback) {
    byte[] prefix = key(ENDPOINT, callback.getTenant(), String.valueOf(callback.getEndpointId()));
    byte[] id = callback.getId().getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(prefix.length + Long.BYTES + id.length)
        .put(prefix)
        .putLong(Long.MAX_VALUE - callback.getCreatedAt().toEpochMilli())
        .put(id)
        .array();
  }

  private static byte[] subjectKey(Callback callback) {
    byte[] prefix = key(SUBJECT, callback.getTenant(), callback.getSubject());
    byte[] id = callback.getId().getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(prefix.length + id.length).put(prefix).put(id).array();
  }

  private static byte[] positionKey(int partition) {
    return ByteBuffer.allocate(1 + Integer.BYTES).put(POSITION).putInt(partition).array();
  }

  /// Names never hold a zero byte.
  private static byte[] key(byte kind, String tenant, String name) {
    byte[] text = (tenant + "\0" + name + "\0").getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(1 + text.length).put(kind).put(text).array();
  }

  private static boolean startsWith(byte[] key, byte[] prefix) {
    return key.length >= prefix.length
        && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
  }

  private static IllegalStateException broken(RocksDBException e) {
    return new IllegalStateException("the log of deliveries cannot be used", e);
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
      cache.close();
    } finally {
      life.writeLock().unlock();
    }
  }
}
