package dev.sluice.router.core.limits;

import dev.sluice.router.core.limits.Meter.Share;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Tenants of whom something has changed since this was last asked, each with the limits of single
/// values among it, by name. Not safe for several threads.
final class Changes {
  private final Map<String, Set<String>> byTenant = new HashMap<>();

  /// Something of a tenant has changed: what of its single values goes in here.
  Set<String> of(String tenant) {
    return byTenant.computeIfAbsent(tenant, _ -> new HashSet<>());
  }

  /// Something of a tenant's job has changed, which has these shares, or had them.
  void note(String tenant, List<Share> shares) {
    Set<String> values = of(tenant);
    for (Share share : shares) {
      if (share.meter().ofValue()) {
        values.add(share.meter().key());
      }
    }
  }

  /// @param most of single values, count; the others are taken next time
  Map<String, Set<String>> take(int most) {
    Map<String, Set<String>> taken = new HashMap<>();
    int room = most;
    for (var next = byTenant.entrySet().iterator(); next.hasNext(); ) {
      var tenant = next.next();
      Set<String> values = tenant.getValue();
      if (values.size() <= room) {
        taken.put(tenant.getKey(), values);
        next.remove();
      } else {
        Set<String> some = values.stream().limit(room).collect(Collectors.toSet());
        values.removeAll(some);
        taken.put(tenant.getKey(), some);
      }
      room -= taken.get(tenant.getKey()).size();
    }
    return taken;
  }
}
