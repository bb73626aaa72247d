package dev.sluice.metering.topology;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.TableFormatConfig;

/// Bounds what RocksDB keeps outside the heap: the defaults take up to 100 MB for each store.
/// Created by Kafka Streams.
public final class SmallRocks implements RocksDBConfigSetter {
  private static final long CACHE_BYTES = 8L * 1024 * 1024;
  private static final long WRITE_BUFFER_BYTES = 8L * 1024 * 1024;

  private record Native(Cache cache, BloomFilter filter) {}

  private final Map<String, Native> byStore = new HashMap<>();

  @Override
  public void setConfig(String store, Options options, Map<String, Object> configs) {
    Native held = new Native(new LRUCache(CACHE_BYTES), new BloomFilter());
    byStore.put(store, held);
    TableFormatConfig format = options.tableFormatConfig();
    if (format instanceof BlockBasedTableConfig table) {
      table.setBlockCache(held.cache()).setFilterPolicy(held.filter());
      options.setTableFormatConfig(table);
    }
    options.setWriteBufferSize(WRITE_BUFFER_BYTES).setMaxWriteBufferNumber(2);
  }

  @Override
  public void close(String store, Options options) {
    Native held = byStore.remove(store);
    if (held != null) {
      held.cache().close();
      held.filter().close();
    }
  }
}
