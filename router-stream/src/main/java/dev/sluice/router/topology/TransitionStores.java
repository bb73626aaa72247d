package dev.sluice.router.topology;

import dev.sluice.contract.avro.RouterTransition;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;

/// Makes each task's store and remembers it, since Streams hands processors only a wrapper.
final class TransitionStores implements KeyValueBytesStoreSupplier {
  private final Map<TaskId, TransitionStore> byTask = new ConcurrentHashMap<>();
  private final String name;
  private final Serde<RouterTransition> serde;

  TransitionStores(String name, Serde<RouterTransition> serde) {
    this.name = name;
    this.serde = serde;
  }

  TransitionStore of(TaskId task) {
    TransitionStore store = byTask.get(task);
    if (store == null) {
      throw new IllegalStateException("no store for task " + task);
    }
    return store;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public KeyValueStore<Bytes, byte[]> get() {
    return new TransitionStore(name, serde) {
      @Override
      public void init(StateStoreContext context, StateStore root) {
        byTask.put(context.taskId(), this);
        super.init(context, root);
      }
    };
  }

  @Override
  public String metricsScope() {
    return "sluice-transitions";
  }
}
