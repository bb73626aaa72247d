package dev.sluice.worker.kafka;

import dev.sluice.contract.model.Priority;
import dev.sluice.runtime.kafka.KafkaClients;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ShareGroupDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;

/// Prepares the share groups of pools and tells when their members have work assigned. Blocking.
final class ShareGroups implements AutoCloseable {
  private static final long TIMEOUT_SECONDS = 10;

  private final Admin admin;

  ShareGroups(KafkaClients kafka) {
    this.admin = kafka.admin("sluice-worker-admin");
  }

  /// Lets new groups begin at the start of their topic, since by default a group skips what was
  /// written before its first member came. To be called before that member.
  void beginAtStart(Collection<String> pools) throws InterruptedException {
    Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
    for (String group : groups(pools)) {
      changes.put(
          new ConfigResource(ConfigResource.Type.GROUP, group),
          List.of(
              new AlterConfigOp(
                  new ConfigEntry("share.auto.offset.reset", "earliest"),
                  AlterConfigOp.OpType.SET)));
    }
    await(admin.incrementalAlterConfigs(changes).all());
  }

  /// The first of these pools of which a class has no topic assigned for this worker. Members that
  /// were killed stay in their group until their session ends, and do not count.
  Optional<String> unassigned(Collection<String> pools, String worker) throws InterruptedException {
    Map<String, ShareGroupDescription> groups =
        await(admin.describeShareGroups(groups(pools)).all());
    return pools.stream()
        .filter(pool ->
            !groups(List.of(pool)).stream()
                .allMatch(group -> isAssigned(groups.get(group), worker)))
        .findFirst();
  }

  private static boolean isAssigned(@Nullable ShareGroupDescription group, String worker) {
    return group != null
        && group.members().stream()
            .anyMatch(member ->
                member.clientId().endsWith(worker)
                    && !member.assignment().topicPartitions().isEmpty());
  }

  private static List<String> groups(Collection<String> pools) {
    List<String> groups = new ArrayList<>();
    for (String pool : pools) {
      for (Priority priority : Priority.values()) {
        groups.add(ShareConsumerLoop.groupId(pool, priority));
      }
    }
    return groups;
  }

  private static <T> T await(org.apache.kafka.common.KafkaFuture<T> future)
      throws InterruptedException {
    try {
      return future.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new KafkaException("share groups: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    admin.close(java.time.Duration.ZERO);
  }
}
