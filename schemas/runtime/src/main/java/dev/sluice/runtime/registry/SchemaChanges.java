package dev.sluice.runtime.registry;

import dev.sluice.contract.avro.SchemaEntry;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the catalog in step with the log: a change is decided on the newest catalog, written, and
/// only then applied and answered.
///
/// One process is meant to write. If another does, the offsets show it: the log is read again, the
/// first record of an id or version holds, what contradicts it is overwritten, and the later writer
/// decides anew. Safe for use by many threads; changes go one by one.
final class SchemaChanges implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SchemaChanges.class);
  private static final int MAX_CONTENDED_TRIES = 10;

  private final SchemaLog log;
  private final ReentrantLock writing = new ReentrantLock();
  private volatile SchemaCatalog catalog = new SchemaCatalog();

  /// The offset of our next record if we are the only writer; empty when the log must be read
  /// first. Guarded by the lock.
  private Optional<Long> nextOffset = Optional.empty();

  private SchemaChanges(SchemaLog log) {
    this.log = log;
  }

  /// Reads the log to its end.
  static SchemaChanges open(SchemaLog log) {
    var changes = new SchemaChanges(log);
    changes.writing.lock();
    try {
      changes.reload();
    } finally {
      changes.writing.unlock();
    }
    return changes;
  }

  SchemaCatalog catalog() {
    return catalog;
  }

  /// The catalog with all that other processes have written until now. An id in a record was in the
  /// log before the record.
  SchemaCatalog newest() {
    writing.lock();
    try {
      reload();
      return catalog;
    } finally {
      writing.unlock();
    }
  }

  record Write(String key, @Nullable SchemaEntry entry) {
    static Write of(SchemaVersion version) {
      return new Write(SchemaCatalog.keyOf(version), SchemaCatalog.entryOf(version));
    }
  }

  /// What to write, and what to answer once it is written.
  record Change<R>(List<Write> writes, R answer) {}

  /// Writes what is decided on the newest catalog; decides again if another process came between.
  <R> R make(Function<SchemaCatalog, Change<R>> decide) {
    writing.lock();
    try {
      for (int tries = 0; tries < MAX_CONTENDED_TRIES; tries++) {
        if (nextOffset.isEmpty()) {
          reload();
        }
        Change<R> change = decide.apply(catalog);
        if (writeAll(change.writes())) {
          return change.answer();
        }
      }
      throw RegistryRefusals.storeFailed(
          new IllegalStateException("another process writes the schemas topic all the time"));
    } finally {
      writing.unlock();
    }
  }

  /// False if another process wrote in between: what was decided may rest on an old state.
  private boolean writeAll(List<Write> writes) {
    for (Write write : writes) {
      if (!append(write)) {
        LOG.atWarn().log("another process writes the schemas topic, reading it again");
        return false;
      }
      catalog.apply(write.key(), write.entry());
    }
    return true;
  }

  private boolean append(Write write) {
    long expected = nextOffset.orElse(-1L);
    nextOffset = Optional.empty();
    long offset;
    try {
      offset = log.append(write.key(), write.entry());
    } catch (RuntimeException e) {
      // Whether it was written is not known, so the log is read before the next change.
      LOG.atWarn().setCause(e).log("schemas topic cannot be written");
      throw RegistryRefusals.storeFailed(e);
    }
    if (offset != expected) {
      return false;
    }
    nextOffset = Optional.of(offset + 1);
    return true;
  }

  private void reload() {
    var fresh = new SchemaCatalog();
    Set<String> voidKeys = new LinkedHashSet<>();
    long end;
    try {
      end =
          log.replay((key, entry) -> {
            if (!fresh.apply(key, entry)) {
              voidKeys.add(key);
            }
          });
    } catch (RuntimeException e) {
      LOG.atWarn().setCause(e).log("schemas topic cannot be read");
      throw RegistryRefusals.storeFailed(e);
    }
    catalog = fresh;
    nextOffset = Optional.of(end);
    for (String key : new ArrayList<>(voidKeys)) {
      // Compaction would keep the void record and drop the one that holds.
      append(new Write(key, fresh.entry(key).orElse(null)));
      if (nextOffset.isEmpty()) {
        return;
      }
    }
  }

  @Override
  public void close() {
    log.close();
  }
}
