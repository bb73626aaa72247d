package dev.sluice.contract.topic;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.avro.Schema;

/// One topic, or the pattern of a family where the name holds `<…>`.
///
/// @param name full name
/// @param key what the record key is, for readers of the documentation
/// @param schema Avro schema of the value; subject `<name>-value`
/// @param retention how long records stay; empty where compaction keeps the last of each key
/// @param audience who may read or write it
public record Topic(
    String name,
    String key,
    Schema schema,
    Partitions partitions,
    Optional<Duration> retention,
    Cleanup cleanup,
    boolean logAppendTime,
    String audience,
    String purpose) {

  /// A compacted topic is cleaned when so much of it, its last segment apart, was written since it
  /// was cleaned last. Each start reads that too, so it should be little; but each byte that stays
  /// is written again about one over the ratio times.
  public static final String DIRTY_RATIO = "0.3";

  /// How many partitions a topic gets; the counts come from configuration.
  public enum Partitions {
    /// `jobs.*` and `commands` share it: they are one input of the router. `batches` feed them.
    ROUTER,
    /// `events` and `results` share it: an ingress reads a pair.
    REPLY,
    METERING,
    ONE
  }

  /// What Kafka does with old records.
  public enum Cleanup {
    DELETE,
    COMPACT,
    COMPACT_DELETE
  }

  /// Whether a topic of that name is this one, or one of this family.
  public boolean covers(String topic) {
    int open = name.indexOf('<');
    return open < 0 ? topic.equals(name) : topic.startsWith(name.substring(0, open));
  }

  /// The topic of a family, such as the work topic of one pool.
  Topic named(String fullName) {
    return new Topic(
        fullName, key, schema, partitions, retention, cleanup, logAppendTime, audience, purpose);
  }

  /// Topic settings for its creation, beside the partition count.
  public Map<String, String> settings() {
    var settings = new TreeMap<String, String>();
    settings.put(
        "cleanup.policy",
        switch (cleanup) {
          case DELETE -> "delete";
          case COMPACT -> "compact";
          case COMPACT_DELETE -> "compact,delete";
        });
    settings.put(
        "retention.ms", retention.map(kept -> Long.toString(kept.toMillis())).orElse("-1"));
    settings.put("max.message.bytes", Integer.toString(Topics.MAX_RECORD_BYTES + 64 * 1024));
    if (logAppendTime) {
      // A client's clock decides nothing.
      settings.put("message.timestamp.type", "LogAppendTime");
    }
    if (cleanup != Cleanup.DELETE) {
      settings.put("segment.bytes", Integer.toString(16 * 1024 * 1024));
      settings.put("min.cleanable.dirty.ratio", DIRTY_RATIO);
    }
    return settings;
  }
}
