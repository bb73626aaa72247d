package dev.sluice.ingress.core.callback;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The deliveries that are not over, and which is next. Each receiver has a lane of its own with a
/// bound on calls at once, and each tenant a bound over its lanes; so who is slow holds up nobody
/// else. A lane keeps only so many deliveries in memory: of the others it knows only from where on
/// they are in the log, and asks for them when it has room again.
///
/// A record of the log counts only if it is later than the one a delivery was last known from: what
/// this process wrote itself it reads again. Not for several threads.
public final class DeliveryBook {
  private static final int REMEMBERED = 10_000;
  private static final Comparator<Entry> BY_DUE =
      Comparator.comparing((Entry entry) -> entry.delivery.due())
          .thenComparing(e -> e.delivery.id());

  private final Bounds bounds;
  private final Map<String, Entry> entries = new HashMap<>();
  private final Map<String, Lane> lanes = new HashMap<>();
  private final Map<String, Tenant> tenants = new HashMap<>();
  private final Set<Lane> spilled = new LinkedHashSet<>();
  private final TreeSet<Lane> ready =
      new TreeSet<>(Comparator.comparing((Lane lane) -> lane.readyAt).thenComparing(l -> l.key));

  /// Those that are over, by the offset of their end: an older record of them says nothing.
  private final Map<String, Long> ended =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > REMEMBERED;
        }
      };

  /// @param atOnce calls at once to one receiver
  /// @param ofTenant calls at once of one tenant
  /// @param kept deliveries of one receiver in memory
  public record Bounds(int atOnce, int ofTenant, int kept) {
    public static final Bounds STANDARD = new Bounds(8, 64, 1_000);
  }

  private static final class Entry {
    Delivery delivery;
    long offset;
    boolean running;

    Entry(Delivery delivery, long offset) {
      this.delivery = delivery;
      this.offset = offset;
    }
  }

  private static final class Lane {
    final String key;
    final Tenant tenant;
    final TreeSet<Entry> waiting = new TreeSet<>(BY_DUE);
    int running;
    int atOnce;
    Instant pausedUntil = Instant.EPOCH;
    Instant readyAt = Instant.EPOCH;
    long spilledFrom = -1;
    boolean reloading;

    Lane(String key, Tenant tenant, int atOnce) {
      this.key = key;
      this.tenant = tenant;
      this.atOnce = atOnce;
    }
  }

  private static final class Tenant {
    int running;
    int lanes;
    final Set<Lane> parked = new LinkedHashSet<>();
  }

  /// A lane that has room for deliveries it left in the log.
  ///
  /// @param from offset of the first of them
  /// @param room how many it can take
  public record Reload(String lane, long from, int room) {}

  public DeliveryBook(Bounds bounds) {
    this.bounds = bounds;
  }

  /// A delivery as the log has it.
  public void put(Delivery delivery, long offset) {
    Long end = ended.get(delivery.id());
    if (end != null && end >= offset) {
      return;
    }
    Entry known = entries.get(delivery.id());
    if (known != null) {
      if (known.offset < offset && !known.running) {
        replace(known, delivery, offset);
      }
      return;
    }
    Lane lane = laneOf(delivery);
    if (lane.waiting.size() + lane.running >= bounds.kept()) {
      spill(lane, offset);
      return;
    }
    Entry entry = new Entry(delivery, offset);
    entries.put(delivery.id(), entry);
    lane.waiting.add(entry);
    refresh(lane);
  }

  private void spill(Lane lane, long offset) {
    lane.spilledFrom = lane.spilledFrom < 0 ? offset : Math.min(lane.spilledFrom, offset);
    spilled.add(lane);
  }

  private void replace(Entry entry, Delivery delivery, long offset) {
    Lane lane = laneOf(entry.delivery);
    lane.waiting.remove(entry);
    entry.delivery = delivery;
    entry.offset = offset;
    lane.waiting.add(entry);
    refresh(lane);
  }

  /// A delivery that is over.
  public void remove(String id, long offset) {
    Entry entry = entries.get(id);
    if (entry == null || entry.offset <= offset) {
      ended.merge(id, offset, Math::max);
    }
    if (entry != null && entry.offset <= offset && !entry.running) {
      entries.remove(id);
      Lane lane = laneOf(entry.delivery);
      lane.waiting.remove(entry);
      refresh(lane);
    }
  }

  /// Whether it is on its way or over.
  public boolean knows(String id) {
    return entries.containsKey(id) || ended.containsKey(id);
  }

  /// The next delivery that is due; it runs until it is [#finished].
  public Optional<Delivery> take(Instant now) {
    while (!ready.isEmpty() && !ready.first().readyAt.isAfter(now)) {
      Lane lane = ready.first();
      if (lane.tenant.running >= bounds.ofTenant()) {
        ready.remove(lane);
        lane.tenant.parked.add(lane);
        continue;
      }
      Entry entry = lane.waiting.first();
      lane.waiting.remove(entry);
      entry.running = true;
      lane.running++;
      lane.tenant.running++;
      refresh(lane);
      return Optional.of(entry.delivery);
    }
    return Optional.empty();
  }

  /// When the next delivery is due, if none ends before; empty when none waits.
  public Optional<Instant> nextDue() {
    return ready.isEmpty() ? Optional.empty() : Optional.of(ready.first().readyAt);
  }

  /// The end of an attempt.
  ///
  /// @param next the delivery as it goes on; null when it is over
  /// @param offset of the record that says so
  /// @param slow whether its receiver had too much to do
  /// @param pause until when the receiver is left alone
  public void finished(
      String id, @Nullable Delivery next, long offset, boolean slow, Optional<Instant> pause) {
    Entry entry = entries.get(id);
    if (entry == null || !entry.running) {
      return;
    }
    Lane lane = laneOf(entry.delivery);
    entry.running = false;
    lane.running--;
    lane.tenant.running--;
    lane.atOnce = slow ? 1 : Math.min(bounds.atOnce(), lane.atOnce + 1);
    pause.filter(lane.pausedUntil::isBefore).ifPresent(until -> lane.pausedUntil = until);
    if (next == null) {
      entries.remove(id);
      ended.merge(id, offset, Math::max);
    } else {
      entry.delivery = next;
      entry.offset = Math.max(entry.offset, offset);
      lane.waiting.add(entry);
    }
    refresh(lane);
    List<Lane> parked = new ArrayList<>(lane.tenant.parked);
    lane.tenant.parked.clear();
    parked.forEach(this::refresh);
  }

  /// A lane that can take deliveries back from the log; it is then being reloaded.
  public Optional<Reload> nextReload() {
    for (Lane lane : spilled) {
      int room = bounds.kept() - lane.waiting.size() - lane.running;
      if (!lane.reloading && room > bounds.kept() / 2) {
        long from = lane.spilledFrom;
        lane.reloading = true;
        // What does not fit meanwhile is left in the log anew.
        lane.spilledFrom = -1;
        spilled.remove(lane);
        return Optional.of(new Reload(lane.key, from, room));
      }
    }
    return Optional.empty();
  }

  /// The end of a reload.
  ///
  /// @param leftFrom offset of the first delivery that is still only in the log; negative if none
  public void reloaded(String key, long leftFrom) {
    Lane lane = lanes.get(key);
    if (lane != null) {
      lane.reloading = false;
      if (leftFrom >= 0) {
        spill(lane, leftFrom);
      }
      refresh(lane);
    }
  }

  /// Deliveries in memory.
  public int size() {
    return entries.size();
  }

  private Lane laneOf(Delivery delivery) {
    String key = delivery.lane();
    Lane lane = lanes.get(key);
    if (lane == null) {
      Tenant tenant = tenants.computeIfAbsent(delivery.tenant(), _ -> new Tenant());
      lane = new Lane(key, tenant, bounds.atOnce());
      lanes.put(key, lane);
      tenant.lanes++;
    }
    return lane;
  }

  private void forget(Lane lane) {
    if (lanes.remove(lane.key) == null) {
      return;
    }
    lane.tenant.parked.remove(lane);
    lane.tenant.lanes--;
    if (lane.tenant.lanes == 0) {
      tenants.remove(lane.key.substring(0, lane.key.indexOf('\n')));
    }
  }

  /// Puts a lane where it belongs after any change of it.
  private void refresh(Lane lane) {
    ready.remove(lane);
    if (lane.waiting.isEmpty()) {
      if (lane.running == 0 && lane.spilledFrom < 0 && !lane.reloading) {
        forget(lane);
      }
      return;
    }
    if (lane.running < lane.atOnce) {
      Instant due = lane.waiting.first().delivery.due();
      lane.readyAt = due.isAfter(lane.pausedUntil) ? due : lane.pausedUntil;
      ready.add(lane);
    }
  }
}
