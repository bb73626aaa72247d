package dev.sluice.router.topology;

import dev.sluice.runtime.kafka.KafkaClients;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.StreamsGroupDescription;
import org.apache.kafka.clients.admin.StreamsGroupMemberDescription;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells whether this router has what the group of routers gave it. Only the group knows: Kafka
/// Streams says that it runs before it has any task, and the tasks of a router that was killed stay
/// with it until its session ends. Once the group is stable a router without a task is a standby,
/// and as ready as any.
///
/// Asks until that is so, and again when a task was given up; in between it costs nothing. One
/// thread asks; the rest may be called by any.
final class Membership implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);
  private static final Duration CHECK = Duration.ofMillis(50);
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final KafkaClients kafka;
  private final String clientId;
  private final int threads;
  private final IntSupplier owned;
  private final Semaphore wake = new Semaphore(1);
  private volatile Optional<String> waitsFor = Optional.of("joins the group of routers");
  private volatile boolean closed;
  private @Nullable Thread thread;

  /// @param clientId with which the client id of each member of this process begins
  /// @param threads members of this process
  /// @param owned tasks that this process has taken over
  Membership(KafkaClients kafka, String clientId, int threads, IntSupplier owned) {
    this.kafka = kafka;
    this.clientId = clientId;
    this.threads = threads;
    this.owned = owned;
  }

  synchronized void start() {
    if (thread == null && !closed) {
      thread = Thread.ofPlatform().name("sluice-router-group").daemon().start(this::watch);
    }
  }

  /// Why this router does not have its share; empty when it has.
  Optional<String> waitsFor() {
    return waitsFor;
  }

  /// A task was given up: who has it now, only the group knows.
  void changed() {
    waitsFor = Optional.of("tasks move between routers");
    wake.release();
  }

  private void watch() {
    try {
      while (!closed) {
        wake.acquire();
        wake.drainPermits();
        untilStable();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void untilStable() throws InterruptedException {
    try (Admin admin = kafka.admin("sluice-router-group")) {
      Optional<String> missing = look(admin);
      waitsFor = missing;
      while (missing.isPresent() && !closed) {
        boolean _ = wake.tryAcquire(CHECK.toMillis(), TimeUnit.MILLISECONDS);
        missing = look(admin);
        waitsFor = missing;
      }
    }
  }

  private Optional<String> look(Admin admin) throws InterruptedException {
    try {
      return missing(
          admin
              .describeStreamsGroups(List.of(RouterTopology.APPLICATION_ID))
              .all()
              .get(LIMIT.toMillis(), TimeUnit.MILLISECONDS)
              .values()
              .iterator()
              .next());
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      LOG.atDebug().setCause(e).log("group not described, trying again");
      return Optional.of("the group of routers cannot be described");
    }
  }

  private Optional<String> missing(StreamsGroupDescription group) {
    List<StreamsGroupMemberDescription> ours =
        group.members().stream()
            .filter(member -> member.clientId().startsWith(clientId + "-StreamThread-"))
            .toList();
    if (ours.size() < threads) {
      return Optional.of("joins the group of routers");
    }
    if (group.groupState() != GroupState.STABLE) {
      return Optional.of("the group of routers is not stable (%s)".formatted(group.groupState()));
    }
    int given =
        ours.stream()
            .flatMap(member -> member.assignment().activeTasks().stream())
            .mapToInt(tasks -> tasks.partitions().size())
            .sum();
    return owned.getAsInt() >= given
        ? Optional.empty()
        : Optional.of("takes over %d of %d tasks".formatted(given - owned.getAsInt(), given));
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (thread != null) {
      thread.interrupt();
    }
  }
}
