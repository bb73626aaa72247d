package dev.sluice.router.topology;

import dev.sluice.contract.avro.ControlRecord;
import dev.sluice.contract.codec.ControlCodec;
import dev.sluice.contract.model.Control;
import dev.sluice.contract.model.Controls;
import dev.sluice.contract.topic.Topics;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;

/// What is held back. Nothing is told before the topic has been read to its end: a router that did
/// not know yet what is paused would release it. [#current] may be called by any thread.
final class ControlView implements CompactedTables.Table {
  private final Serde<ControlRecord> serde;
  private final Consumer<Controls> listener;

  /// Owned by the reading thread.
  private final Map<String, Control> known = new HashMap<>();

  private volatile Controls current = Controls.NONE;

  /// @param listener told of each change, on the reading thread; it must be quick
  ControlView(Serde<ControlRecord> serde, Consumer<Controls> listener) {
    this.serde = serde;
    this.listener = listener;
  }

  /// The same instance until something changes.
  Controls current() {
    return current;
  }

  @Override
  public String topic() {
    return Topics.CONTROLS.name();
  }

  @Override
  public void begin() {
    known.clear();
  }

  @Override
  public void take(String key, byte @Nullable [] value) {
    if (value == null) {
      known.remove(key);
    } else {
      ControlCodec.control(serde.deserializer().deserialize(topic(), value))
          .ifPresent(control -> known.put(key, control));
    }
  }

  @Override
  public void settled() {
    current = Controls.of(known.values());
    listener.accept(current);
  }
}
