package dev.sluice.ingress.http;

import dev.sluice.contract.avro.KeyedCall;
import dev.sluice.ingress.core.KeyHolders;
import dev.sluice.ingress.log.KeyLog;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Calls under keys in memory.
public final class MemoryKeys implements KeyLog {
  private final KeyHolders<KeyedCall> holders = new KeyHolders<>();
  private final Map<String, KeyedCall> done = new HashMap<>();
  private int written;

  @Override
  public synchronized Optional<KeyedCall> holder(String tenant, ByteBuffer key, Instant now) {
    return holders.holder(key(tenant, key), now).map(this::asItIs);
  }

  @Override
  public synchronized Optional<KeyedCall> write(KeyedCall mine) {
    String key = key(mine.getTenant(), mine.getKey());
    String name = key + "/" + written++;
    holders.put(key, new KeyHolders.Call<>(name, mine.getAt(), mine.getUntil(), mine));
    return holders
        .holder(key, mine.getAt())
        .filter(holder -> !holder.name().equals(name))
        .map(this::asItIs);
  }

  private KeyedCall asItIs(KeyHolders.Call<KeyedCall> call) {
    return done.getOrDefault(call.name(), call.what());
  }

  @Override
  public synchronized void finish(KeyedCall call) {
    holders
        .holder(key(call.getTenant(), call.getKey()), call.getAt())
        .ifPresent(holder -> done.put(holder.name(), call));
  }

  /// As if whoever acted had died before it wrote so.
  synchronized void forgetOutcomes() {
    done.clear();
  }

  @Override
  public synchronized void free(String tenant, String thing) {
    holders.where(call -> call.what().getThing().equals(thing)).forEach(this::remove);
  }

  private static String key(String tenant, ByteBuffer key) {
    byte[] digest = new byte[key.remaining()];
    key.duplicate().get(digest);
    return tenant + "/" + HexFormat.of().formatHex(digest);
  }

  private void remove(KeyHolders.Call<KeyedCall> call) {
    holders.remove(key(call.what().getTenant(), call.what().getKey()), call.name());
  }

  @Override
  public synchronized List<KeyedCall> holding(Instant now) {
    return holders.where(call -> now.isBefore(call.until())).stream()
        .map(KeyHolders.Call::what)
        .toList();
  }

  @Override
  public synchronized int removeOver(Instant before, int most) {
    var over = holders.where(call -> call.until().isBefore(before)).stream().limit(most).toList();
    over.forEach(this::remove);
    return over.size();
  }
}
