package dev.sluice.ingress.core.callback;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// Who is told of an event, and under what name. Each receiver is told once: one that asked for
/// both names of an event hears the vendor's.
public final class Fanout {

  private Fanout() {}

  /// @param endpointId empty for the subject's own URL, when no endpoint has it
  /// @param type the name it is told under
  public record Target(String endpointId, String type) {}

  /// @param endpoints those of the event's tenant
  public static List<Target> of(Event event, Collection<Receiver> endpoints) {
    List<Target> targets = new ArrayList<>();
    for (Receiver endpoint : endpoints) {
      if (endpoint.url().isPresent() && endpoint.enabled()) {
        nameFor(event, endpoint).ifPresent(type -> targets.add(new Target(endpoint.id(), type)));
      }
    }
    event.url().ifPresent(url -> addOwn(event, url, endpoints, targets));
    return targets;
  }

  /// An own URL that is registered is that endpoint, whatever it asked for.
  private static void addOwn(
      Event event, String url, Collection<Receiver> endpoints, List<Target> targets) {
    List<Receiver> same =
        endpoints.stream().filter(one -> one.url().equals(Optional.of(url))).toList();
    if (same.isEmpty()) {
      targets.add(new Target("", event.type()));
    } else if (targets.stream()
        .noneMatch(target -> same.stream().anyMatch(one -> one.id().equals(target.endpointId())))) {
      targets.add(new Target(same.getFirst().id(), event.type()));
    }
  }

  private static Optional<String> nameFor(Event event, Receiver endpoint) {
    return event
        .vendorType()
        .filter(type -> EventTypes.matches(endpoint.eventTypes(), type))
        .or(() ->
            Optional.of(event.type())
                .filter(type -> EventTypes.matches(endpoint.eventTypes(), type)));
  }
}
