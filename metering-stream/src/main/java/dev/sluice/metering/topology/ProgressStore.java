package dev.sluice.metering.topology;

import dev.sluice.contract.avro.LedgerMark;
import dev.sluice.metering.core.LedgerProgress;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;

/// How far this task's ledger partition is counted. Owned by the task's thread.
final class ProgressStore {
  private static final String KEY = "ledger";

  private final KeyValueStore<String, LedgerMark> store;

  ProgressStore(ProcessorContext<?, ?> context) {
    this.store = context.getStateStore(StoreNames.PROGRESS);
  }

  LedgerProgress read() {
    LedgerMark mark = store.get(KEY);
    return mark == null
        ? LedgerProgress.NONE
        : new LedgerProgress(mark.getOffset(), mark.getAppendedAt(), mark.getForgottenUntil());
  }

  void write(LedgerProgress progress) {
    store.put(
        KEY, new LedgerMark(progress.offset(), progress.appendedAt(), progress.forgottenUntil()));
  }
}
