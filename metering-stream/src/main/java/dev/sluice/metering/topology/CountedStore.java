package dev.sluice.metering.topology;

import dev.sluice.contract.avro.CountedEntries;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.NewestJobs;
import dev.sluice.metering.core.JobKeys;
import java.util.Optional;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/// What of each job is counted. Made when the store has been restored. It alone adds jobs; the
/// `Forgetter` deletes them. Owned by the task's thread.
final class CountedStore {
  /// Those of some ten seconds at the highest rate, so that jobs may take that long.
  private static final int REMEMBERED = 20_000;

  private final KeyValueStore<Bytes, CountedEntries> store;
  private final NewestJobs newest;

  CountedStore(ProcessorContext<?, ?> context) {
    this.store = context.getStateStore(StoreNames.COUNTED);
    this.newest = new NewestJobs(REMEMBERED, newestStored());
  }

  private Optional<JobId> newestStored() {
    try (KeyValueIterator<Bytes, CountedEntries> jobs = store.reverseAll()) {
      return jobs.hasNext() ? Optional.of(JobKeys.job(jobs.peekNextKey().get())) : Optional.empty();
    }
  }

  @Nullable CountedEntries get(JobId job) {
    return newest.mayBeStored(job) ? store.get(key(job)) : null;
  }

  void put(JobId job, CountedEntries entries) {
    newest.store(job);
    store.put(key(job), entries);
  }

  private static Bytes key(JobId job) {
    return Bytes.wrap(JobKeys.of(job));
  }
}
