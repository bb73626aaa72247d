package dev.sluice.metering.topology;

import dev.sluice.contract.avro.AttemptContext;
import dev.sluice.contract.avro.ComparedRoute;
import dev.sluice.contract.avro.Settlement;
import dev.sluice.contract.topic.Topics;
import dev.sluice.metering.core.Period;
import dev.sluice.metering.core.RouteKey;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/// Adds calls of jobs that are copied, and of their copies, to what their routes came to in that
/// hour. It is kept as long as its topic keeps it. Owned by the task's thread.
final class RouteComparer implements Processor<byte[], Counted, byte[], ComparedRoute> {
  // Set by init, before any record.
  @SuppressWarnings("NullAway.Init")
  private ProcessorContext<byte[], ComparedRoute> context;

  @SuppressWarnings("NullAway.Init")
  private KeyValueStore<String, ComparedRoute> store;

  /// The hour that was cleaned up after last.
  private Instant cleaned = Instant.EPOCH;

  @Override
  public void init(ProcessorContext<byte[], ComparedRoute> given) {
    context = given;
    store = given.getStateStore(StoreNames.COMPARED);
  }

  @Override
  public void process(Record<byte[], Counted> record) {
    Settlement settlement = record.value().settlement();
    AttemptContext call = settlement.getContext();
    Instant hour = Period.HOURLY.startOf(settlement.getAt());
    RouteKey key =
        new RouteKey(
            hour,
            call.getModel(),
            call.getShadowOf() != null,
            call.getPool(),
            call.getProviderModel(),
            context.taskId().partition());
    ComparedRoute after =
        Comparisons.route(
            key, Comparisons.tally(store.get(key.text())).plus(Comparisons.call(settlement)));
    store.put(key.text(), after);
    byte[] name = key.text().getBytes(StandardCharsets.UTF_8);
    context.forward(new Record<>(name, after, context.currentSystemTimeMs()));
    if (hour.isAfter(cleaned)) {
      cleaned = hour;
      forgetBefore(hour.minus(Topics.COMPARISONS.retention().orElseThrow()));
    }
  }

  private void forgetBefore(Instant hour) {
    List<String> old = new ArrayList<>();
    try (KeyValueIterator<String, ComparedRoute> rows = store.range(null, hour.toString())) {
      rows.forEachRemaining(row -> old.add(row.key));
    }
    old.forEach(store::delete);
  }
}
