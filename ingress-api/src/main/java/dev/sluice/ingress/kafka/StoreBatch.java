package dev.sluice.ingress.kafka;

import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.core.JobFacts;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/// Changes to the job index that become visible together. Owned by one thread.
final class StoreBatch implements AutoCloseable {
  private static final byte[] NOTHING = {};

  private final WriteBatch writes = new WriteBatch();
  private final List<JobId> jobs = new ArrayList<>();

  void facts(JobFacts facts) {
    jobs.add(facts.id());
    put(StoreKeys.idKey(StoreKeys.FACTS, facts.id()), FactsCodec.encode(facts));
  }

  void listed(String tenant, JobId id) {
    put(StoreKeys.tenantKey(tenant, id), NOTHING);
  }

  void event(JobId id, EventRow row) {
    put(StoreKeys.eventKey(id, row.ordinal()), row.encode());
  }

  void position(char topic, int partition, long next) {
    put(StoreKeys.positionKey(topic, partition), ByteBuffer.allocate(8).putLong(next).array());
  }

  void expires(Instant at, JobId id) {
    put(StoreKeys.expiryKey(at.toEpochMilli(), id), NOTHING);
  }

  /// Everything about a job but its facts.
  void forgetEvents(JobId id) {
    try {
      writes.deleteRange(StoreKeys.eventKey(id, 0), StoreKeys.eventKey(id, -1));
    } catch (RocksDBException e) {
      throw new IllegalStateException(e);
    }
  }

  void unlist(String tenant, JobId id) {
    delete(StoreKeys.tenantKey(tenant, id));
  }

  /// Everything about a job that has expired.
  void forget(JobFacts facts, byte[] expiryKey) {
    forgetEvents(facts.id());
    unlist(facts.tenant(), facts.id());
    delete(StoreKeys.idKey(StoreKeys.FACTS, facts.id()));
    delete(expiryKey);
  }

  private void put(byte[] key, byte[] value) {
    try {
      writes.put(key, value);
    } catch (RocksDBException e) {
      throw new IllegalStateException(e);
    }
  }

  void delete(byte[] key) {
    try {
      writes.delete(key);
    } catch (RocksDBException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Jobs whose facts are in it.
  List<JobId> jobs() {
    return Collections.unmodifiableList(jobs);
  }

  /// Writes all of it and empties the batch.
  void writeTo(RocksDB db, WriteOptions options) throws RocksDBException {
    db.write(options, writes);
    writes.clear();
    jobs.clear();
  }

  int size() {
    return writes.count();
  }

  @Override
  public void close() {
    writes.close();
  }
}
