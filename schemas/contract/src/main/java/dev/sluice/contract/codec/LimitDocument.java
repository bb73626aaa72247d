package dev.sluice.contract.codec;

import static dev.sluice.contract.codec.JsonFields.constant;
import static dev.sluice.contract.codec.JsonFields.name;
import static dev.sluice.contract.codec.JsonFields.optional;
import static dev.sluice.contract.codec.JsonFields.text;

import dev.sluice.contract.model.Limit;
import dev.sluice.contract.model.Limit.OnExceeded;
import dev.sluice.contract.model.Limit.Part;
import dev.sluice.contract.model.Limit.Period;
import dev.sluice.contract.model.Limit.Unit;
import dev.sluice.contract.model.Limit.Window;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A limit within a policy document. Pure.
final class LimitDocument {

  private LimitDocument() {}

  static void write(ObjectNode node, Limit limit) {
    switch (limit.part()) {
      case Part.Whole _ -> {}
      case Part.Team team -> {
        node.put("team", team.id());
        ArrayNode keys = node.putArray("keys");
        new TreeSet<>(team.keys()).forEach(keys::add);
      }
      case Part.Key key -> node.put("key", key.id());
      case Part.Tag tag -> {
        node.put("tag", tag.name());
        tag.value().ifPresent(value -> node.put("value", value));
      }
    }
    node.put("unit", limit.unit().key());
    switch (limit.window()) {
      case Window.Now _ -> {}
      case Window.Rolling rolling -> node.put("rolling", rolling.length().toString());
      case Window.Calendar calendar ->
          node.put("period", calendar.period().key()).put("zone", calendar.zone().getId());
    }
    node.put("amount", limit.amountText(limit.amount()));
    node.put("on_exceeded", name(limit.onExceeded()));
    limit.downgradeTo().ifPresent(model -> node.put("downgrade_to", model));
    if (!limit.alerts().isEmpty()) {
      ArrayNode alerts = node.putArray("alerts");
      limit.alerts().forEach(fraction -> alerts.add(fraction.toPlainString()));
    }
  }

  static Limit read(JsonNode node) {
    Unit unit = constant(Unit.class, text(node, "unit"));
    String amount = text(node, "amount");
    return new Limit(
        part(node),
        unit,
        window(node),
        unit.amount(new BigDecimal(amount)),
        constant(OnExceeded.class, text(node, "on_exceeded")),
        optional(node, "downgrade_to"),
        node.path("alerts")
            .valueStream()
            .map(fraction -> new BigDecimal(fraction.stringValue()))
            .toList());
  }

  private static Part part(JsonNode node) {
    Optional<Part> part =
        optional(node, "team").map(team -> new Part.Team(team, keys(node.required("keys"))));
    return part.or(() -> optional(node, "key").map(Part.Key::new))
        .or(() -> optional(node, "tag").map(tag -> new Part.Tag(tag, optional(node, "value"))))
        .orElseGet(Part.Whole::new);
  }

  private static Set<String> keys(JsonNode array) {
    return array.valueStream().map(JsonNode::stringValue).collect(Collectors.toSet());
  }

  private static Window window(JsonNode node) {
    Optional<Window> window =
        optional(node, "rolling").map(text -> new Window.Rolling(Duration.parse(text)));
    return window
        .or(() ->
            optional(node, "period")
                .map(period ->
                    new Window.Calendar(
                        constant(Period.class, period), ZoneId.of(text(node, "zone")))))
        .orElseGet(Window.Now::new);
  }
}
