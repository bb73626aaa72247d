package dev.sluice.router.topology;

import dev.sluice.contract.avro.LaneHold;
import dev.sluice.contract.avro.LineHold;
import dev.sluice.contract.avro.QueueLine;
import dev.sluice.contract.avro.QueueMark;
import dev.sluice.contract.topic.Topics;
import dev.sluice.router.core.LinePace;
import dev.sluice.router.core.Phase;
import dev.sluice.router.core.TaskState;
import dev.sluice.router.core.WaitingLine;
import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.common.serialization.Serde;

/// Tells once a second who waits where, so that any ingress can say a job's place without asking.
/// The look at the lines costs in proportion to their number; it is never repeated before a hundred
/// times its cost has passed. Owned by the stream thread.
final class QueueTeller {
  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final int REST_FACTOR = 100;

  private final int partition;
  private final Serde<QueueLine> serde;
  private final ForwardingSender sender;
  private final LinePace pace = new LinePace();
  private Instant next = Instant.EPOCH;

  QueueTeller(int partition, Serde<QueueLine> serde, ForwardingSender sender) {
    this.partition = partition;
    this.serde = serde;
    this.sender = sender;
  }

  void tick(TaskState state, Instant now) {
    if (now.isBefore(next)) {
      return;
    }
    long began = System.nanoTime();
    for (LinePace.Told told : pace.tell(state.lines(now), now)) {
      WaitingLine.Name name = told.line().name();
      String key =
          partition + "|" + name.pool() + "|" + name.priority().key() + "|" + name.tenant();
      Output output = Output.of(Topics.QUEUES.name(), null, serde, record(told, now)).asPatient();
      sender.send(key, output, "", name.tenant());
    }
    Duration rest = Duration.ofNanos((System.nanoTime() - began) * REST_FACTOR);
    next = now.plus(rest.compareTo(INTERVAL) > 0 ? rest : INTERVAL);
  }

  private static LineHold hold(Phase.Hold hold) {
    return new LineHold(hold.reason(), hold.by().orElse(null), hold.until().orElse(null));
  }

  private QueueLine record(LinePace.Told told, Instant now) {
    WaitingLine line = told.line();
    return QueueLine.newBuilder()
        .setPartition(partition)
        .setPool(line.name().pool())
        .setPriority(Transitions.priority(line.name().priority()))
        .setTenant(line.name().tenant())
        .setWaiting(line.jobs())
        .setPerSecond(told.perSecond())
        .setMarks(
            line.marks().stream()
                .map(mark -> new QueueMark(mark.ahead(), mark.id().text()))
                .toList())
        .setHeld(line.held().map(QueueTeller::hold).orElse(null))
        .setHeldLanes(
            line.heldLanes().entrySet().stream()
                .map(lane -> new LaneHold(lane.getKey(), hold(lane.getValue())))
                .toList())
        .setAt(now)
        .build();
  }
}
