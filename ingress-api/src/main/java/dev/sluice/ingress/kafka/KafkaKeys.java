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
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.serialization.Serde;

/// Calls under a key in memory, as `sluice.files` says: each a record of its own, so that the order
/// of the one partition says which was first, also after compaction. For the same reason what came
/// of one is another record, which names it. See ADR 0021.
final class KafkaKeys implements KeyLog {
  /// Beyond these a new key is refused; some 500 bytes each.
  private static final int MOST = 100_000;

  private static final String TOPIC = Topics.FILES.name();
  private static final String MARK = "/~";

  /// Ends the name of a record that says what came of the call before it.
  private static final String DONE = "!";

  private final Serde<FileEntry> serde;
  private final TopicFollower follower;
  private final TableWriter writer;
  private final SecureRandom random = new SecureRandom();
  private final KeyHolders<KeyedCall> holders = new KeyHolders<>();

  /// Calls of which something came, by their names.
  private final Map<String, KeyedCall> done = new ConcurrentHashMap<>();

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
    if (name.endsWith(DONE)) {
      done.put(calledBefore(name), call);
      return;
    }
    holders.put(keyOf(name), new KeyHolders.Call<>(name, call.getAt(), call.getUntil(), call));
  }

  private static String calledBefore(String name) {
    return name.substring(0, name.length() - DONE.length());
  }

  void takeRemoval(String name) {
    if (name.endsWith(DONE)) {
      done.remove(calledBefore(name));
      return;
    }
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
    return holders.holder(keyOf(tenant, key), now).map(this::asItIs);
  }

  private KeyedCall asItIs(KeyHolders.Call<KeyedCall> call) {
    return done.getOrDefault(call.name(), call.what());
  }

  @Override
  public Optional<KeyedCall> write(KeyedCall mine) {
    if (holders.size() >= MOST) {
      throw new LogUnavailableException(
          "too many idempotency keys are in use; try again later, or without one");
    }
    String key = keyOf(mine.getTenant(), mine.getKey());
    String name = key + "/" + Long.toHexString(random.nextLong());
    put(name, mine);
    follower.settle();
    KeyHolders.Call<KeyedCall> holder =
        holders
            .holder(key, mine.getAt())
            .orElseThrow(() -> new LogUnavailableException("the key was freed meanwhile"));
    if (holder.name().equals(name)) {
      return Optional.empty();
    }
    writer.put(TOPIC, null, name, null);
    return Optional.of(asItIs(holder));
  }

  private void put(String name, KeyedCall call) {
    FileEntry entry = new FileEntry();
    entry.setKeyed(call);
    writer.put(TOPIC, null, name, serde.serializer().serialize(TOPIC, entry));
  }

  @Override
  public void finish(KeyedCall call) {
    holders
        .holder(keyOf(call.getTenant(), call.getKey()), call.getAt())
        .ifPresent(holder -> put(holder.name() + DONE, call));
  }

  private void drop(KeyHolders.Call<KeyedCall> call) {
    writer.put(TOPIC, null, call.name(), null);
    if (done.containsKey(call.name())) {
      writer.put(TOPIC, null, call.name() + DONE, null);
    }
  }

  @Override
  public void free(String tenant, String thing) {
    String own = tenant + MARK;
    for (var call :
        holders.where(one -> one.name().startsWith(own) && one.what().getThing().equals(thing))) {
      drop(call);
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
    over.forEach(this::drop);
    // Those whose call was removed by a process that then died.
    done.forEach((name, call) -> {
      if (call.getUntil().isBefore(before)) {
        writer.put(TOPIC, null, name + DONE, null);
      }
    });
    return over.size();
  }
}
