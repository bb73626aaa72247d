package dev.sluice.ingress.kafka;

import dev.sluice.contract.avro.FileEntry;
import dev.sluice.contract.avro.KeyedCall;
import dev.sluice.contract.topic.Topics;
import dev.sluice.ingress.core.KeyHolders;
import dev.sluice.ingress.log.KeyLog;
import dev.sluice.ingress.log.LogUnavailableException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.serialization.Serde;

/// Calls under a key in memory, as `sluice.files` says: each a record of its own, so that the order
/// of the one partition says which was first, also after compaction. See ADR 0021.
final class KafkaKeys implements KeyLog {
  /// Beyond these a new key is refused; some 500 bytes each.
  private static final int MOST = 100_000;

  private static final String TOPIC = Topics.FILES.name();
  private static final String MARK = "/~";

  private final Serde<FileEntry> serde;
  private final TopicFollower follower;
  private final TableWriter writer;
  private final SecureRandom random = new SecureRandom();
  private final KeyHolders<KeyedCall> holders = new KeyHolders<>();

  KafkaKeys(Serde<FileEntry> serde, TopicFollower follower, TableWriter writer) {
    this.serde = serde;
    this.follower = follower;
    this.writer = writer;
  }

  /// Whether a record of this name is a call's.
  static boolean owns(String name) {
    return name.contains(MARK);
  }

  void take(String name, KeyedCall call) {
    holders.put(keyOf(name), new KeyHolders.Call<>(name, call.getAt(), call.getUntil(), call));
  }

  void takeRemoval(String name) {
    holders.remove(keyOf(name), name);
  }

  private static String keyOf(String name) {
    return name.substring(0, name.lastIndexOf('/'));
  }

  private static String keyOf(String tenant, ByteBuffer key) {
    byte[] digest = new byte[key.remaining()];
    key.duplicate().get(digest);
    return tenant + MARK + HexFormat.of().formatHex(digest);
  }

  @Override
  public Optional<KeyedCall> holder(String tenant, ByteBuffer key, Instant now) {
    follower.settle();
    return holders.holder(keyOf(tenant, key), now).map(KeyHolders.Call::what);
  }

  @Override
  public Optional<KeyedCall> write(KeyedCall mine) {
    if (holders.size() >= MOST) {
      throw new LogUnavailableException(
          "too many idempotency keys are in use; try again later, or without one");
    }
    String key = keyOf(mine.getTenant(), mine.getKey());
    String name = key + "/" + Long.toHexString(random.nextLong());
    FileEntry entry = new FileEntry();
    entry.setKeyed(mine);
    writer.put(TOPIC, null, name, serde.serializer().serialize(TOPIC, entry));
    follower.settle();
    KeyHolders.Call<KeyedCall> holder =
        holders
            .holder(key, mine.getAt())
            .orElseThrow(() -> new LogUnavailableException("the key was freed meanwhile"));
    if (holder.name().equals(name)) {
      return Optional.empty();
    }
    writer.put(TOPIC, null, name, null);
    return Optional.of(holder.what());
  }

  @Override
  public void free(String tenant, String thing) {
    String own = tenant + MARK;
    for (var call :
        holders.where(one -> one.name().startsWith(own) && one.what().getThing().equals(thing))) {
      writer.put(TOPIC, null, call.name(), null);
    }
  }

  @Override
  public List<KeyedCall> holding(Instant now) {
    follower.settle();
    return holders.where(call -> now.isBefore(call.until())).stream()
        .map(KeyHolders.Call::what)
        .toList();
  }

  @Override
  public int removeOver(Instant before, int most) {
    var over = holders.where(call -> call.until().isBefore(before)).stream().limit(most).toList();
    over.forEach(call -> writer.put(TOPIC, null, call.name(), null));
    return over.size();
  }
}
