package dev.sluice.ingress.kafka;

import dev.sluice.contract.avro.ControlRecord;
import dev.sluice.contract.codec.ControlCodec;
import dev.sluice.contract.model.Control;
import dev.sluice.contract.model.Controls;
import dev.sluice.contract.topic.Topics;
import dev.sluice.ingress.log.ControlLog;
import dev.sluice.runtime.lifecycle.ServiceContext;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;

/// What is held back, in memory: a few hundred bytes each.
public final class KafkaControls implements ControlLog, AutoCloseable {
  private static final String TOPIC = Topics.CONTROLS.name();

  private final Serde<ControlRecord> serde;
  private final TopicFollower follower;
  private final TableWriter writer;

  /// Owned by the follower's thread.
  private final Map<String, Control> known = new HashMap<>();

  private volatile Controls current = Controls.NONE;

  public KafkaControls(ServiceContext context) {
    this.serde = context.serdes().forRecord(ControlRecord.class);
    this.follower =
        new TopicFollower(context.kafka(), "sluice-ingress-controls", TOPIC, this::take);
    this.writer = new TableWriter(context.kafka(), "sluice-ingress-controls-writer");
  }

  /// Begins to read; until then nothing seems to be held back.
  public void start() {
    follower.start();
  }

  private void take(String key, byte @Nullable [] value) {
    if (value == null) {
      known.remove(key);
    } else {
      ControlCodec.control(serde.deserializer().deserialize(TOPIC, value))
          .ifPresent(control -> known.put(key, control));
    }
    current = Controls.of(known.values());
  }

  @Override
  public Controls current() {
    return current;
  }

  @Override
  public Controls settled() {
    follower.settle();
    return current;
  }

  @Override
  public void put(Control control) {
    byte[] value = serde.serializer().serialize(TOPIC, ControlCodec.record(control));
    writer.put(TOPIC, 0, control.target().key(), value);
    follower.settle();
  }

  @Override
  public void remove(Control.Target target) {
    writer.put(TOPIC, 0, target.key(), null);
    follower.settle();
  }

  @Override
  public void close() {
    follower.close();
    writer.close();
  }
}
