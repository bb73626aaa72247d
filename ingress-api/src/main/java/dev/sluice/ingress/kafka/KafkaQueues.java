package dev.sluice.ingress.kafka;

import dev.sluice.contract.avro.LaneHold;
import dev.sluice.contract.avro.LineHold;
import dev.sluice.contract.avro.QueueLine;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.topic.Topics;
import dev.sluice.ingress.core.Hold;
import dev.sluice.ingress.core.QueuePlace;
import dev.sluice.ingress.log.QueueLog;
import dev.sluice.runtime.lifecycle.ServiceContext;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;

/// The lines in which somebody waits, in memory: about a kilobyte each.
public final class KafkaQueues implements QueueLog, AutoCloseable {
  private static final String TOPIC = Topics.QUEUES.name();

  private final Serde<QueueLine> serde;
  private final TopicFollower follower;
  private final Map<Who, Map<String, QueuePlace.Line>> lines = new ConcurrentHashMap<>();

  private record Who(String tenant, Priority priority) {}

  public KafkaQueues(ServiceContext context) {
    this.serde = context.serdes().forRecord(QueueLine.class);
    this.follower = new TopicFollower(context.kafka(), "sluice-ingress-queues", TOPIC, this::take);
  }

  /// Begins to read; until then nobody seems to wait.
  public void start() {
    follower.start();
  }

  private void take(String key, byte @Nullable [] value) {
    QueueLine told = value == null ? null : serde.deserializer().deserialize(TOPIC, value);
    if (told == null) {
      return;
    }
    Priority.of(told.getPriority().name().toLowerCase(Locale.ROOT))
        .ifPresent(priority -> keep(new Who(told.getTenant(), priority), key, told));
  }

  private void keep(Who who, String key, QueueLine told) {
    if (told.getWaiting() > 0) {
      lines.computeIfAbsent(who, _ -> new ConcurrentHashMap<>()).put(key, line(told));
    } else {
      lines.computeIfPresent(
          who,
          (_, own) -> {
            own.remove(key);
            return own.isEmpty() ? null : own;
          });
    }
  }

  private static QueuePlace.Line line(QueueLine told) {
    return new QueuePlace.Line(
        told.getPool(),
        told.getWaiting(),
        told.getPerSecond(),
        told.getMarks().stream()
            .flatMap(mark ->
                JobId.parse(mark.getJobId()).stream()
                    .map(id -> new QueuePlace.Mark(mark.getAhead(), id)))
            .toList(),
        told.getAt(),
        Optional.ofNullable(told.getHeld()).map(KafkaQueues::hold),
        told.getHeldLanes().stream()
            .collect(
                Collectors.toMap(
                    LaneHold::getLane, lane -> hold(lane.getHold()), (one, _) -> one)));
  }

  private static Hold hold(LineHold held) {
    return new Hold(
        held.getReason(),
        held.getBy() == null ? "" : held.getBy(),
        held.getUntil() == null ? Instant.EPOCH : held.getUntil(),
        "");
  }

  @Override
  public List<QueuePlace.Line> lines(String tenant, Priority priority) {
    Map<String, QueuePlace.Line> own = lines.get(new Who(tenant, priority));
    return own == null ? List.of() : List.copyOf(own.values());
  }

  @Override
  public void close() {
    follower.close();
  }
}
