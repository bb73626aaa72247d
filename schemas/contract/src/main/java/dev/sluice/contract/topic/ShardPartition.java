package dev.sluice.contract.topic;

import dev.sluice.contract.model.JobId;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/// The router partition of a tenant's shard. Shards follow each other from where the tenant is by
/// its key alone, so that they are spread evenly, and the first is where a tenant without shards
/// is.
public final class ShardPartition {

  private ShardPartition() {}

  /// @param shard from 0
  /// @param partitions of the router's topics
  public static int of(String tenant, int shard, int partitions) {
    int first = Utils.toPositive(Utils.murmur2(tenant.getBytes(StandardCharsets.UTF_8)));
    return (first % partitions + shard) % partitions;
  }

  /// Where all is written that is for the writer of a job; null where the tenant as the key finds
  /// it.
  ///
  /// @param jobId names the shard
  /// @param producer that is asked how many partitions there are
  public static @Nullable Integer of(
      String topic, String tenant, String jobId, Producer<?, ?> producer) {
    int shard = JobId.parse(jobId).map(JobId::shard).orElse(0);
    return shard == 0 ? null : of(tenant, shard, producer.partitionsFor(topic).size());
  }
}
