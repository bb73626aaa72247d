package dev.sluice.ingress.http;

import dev.sluice.contract.avro.QuotaReading;
import dev.sluice.contract.avro.QuotaState;
import dev.sluice.contract.model.Limit;
import dev.sluice.contract.model.Limit.Part;
import dev.sluice.contract.model.Limit.Window;
import dev.sluice.contract.model.LimitNames;
import dev.sluice.contract.model.Policy;
import dev.sluice.ingress.json.JsonOut;
import dev.sluice.ingress.log.QuotaLog;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// `GET /v1/quotas`: each limit of the tenant with what is used, reserved and left of it.
final class Quotas implements Endpoint {
  private final QuotaLog quotas;
  private final Supplier<Policy> policy;

  Quotas(QuotaLog quotas, Supplier<Policy> policy) {
    this.quotas = quotas;
    this.policy = policy;
  }

  @Override
  public void serve(Call call) throws IOException {
    String tenant = call.principal().tenant();
    List<Limit> limits = policy.get().tenant(tenant).map(Policy.Tenant::limits).orElse(List.of());
    Optional<QuotaState> state = quotas.of(tenant);
    JsonOut out = new JsonOut(1_024);
    out.beginObject().field("object", "list").name("data").beginArray();
    readings(limits, state)
        .forEach((limit, told) -> told.forEach((key, reading) -> write(out, limit, key, reading)));
    out.endArray();
    if (state.isPresent()) {
      out.field("as_of", state.get().getAt().toString());
    }
    call.json(200, out.endObject().toBytes());
  }

  /// What was told of each limit, one for each value where a tag's values have it for themselves;
  /// of one that no job has met nothing is used.
  private static Map<Limit, Map<String, QuotaReading>> readings(
      List<Limit> limits, Optional<QuotaState> state) {
    Map<Limit, Map<String, QuotaReading>> found = new LinkedHashMap<>();
    for (Limit limit : limits) {
      Map<String, QuotaReading> unused = new LinkedHashMap<>();
      if (!limit.part().byValue()) {
        unused.put(limit.key(), new QuotaReading(limit.key(), 0L, 0L, limit.amount(), null));
      }
      found.put(limit, unused);
    }
    LimitNames names = new LimitNames(limits);
    for (QuotaReading told : state.map(QuotaState::getLimits).orElse(List.of())) {
      names
          .of(told.getLimit())
          .map(found::get)
          .ifPresent(readings -> readings.put(told.getLimit(), told));
    }
    return found;
  }

  private static void write(JsonOut out, Limit limit, String key, QuotaReading reading) {
    out.beginObject().field("object", "quota").field("id", key).field("unit", limit.unit().key());
    part(out, limit.part(), key);
    switch (limit.window()) {
      case Window.Now _ -> {}
      case Window.Rolling rolling -> out.field("rolling", rolling.length().toString());
      case Window.Calendar calendar ->
          out.field("period", calendar.period().key()).field("zone", calendar.zone().getId());
    }
    amount(out, "limit", limit, limit.amount());
    amount(out, "used", limit, reading.getUsed());
    amount(out, "reserved", limit, reading.getReserved());
    // Told under an earlier policy, it may be of another amount.
    long left = Math.max(0, limit.amount() - reading.getUsed() - reading.getReserved());
    amount(out, "left", limit, left);
    Instant resets = reading.getResetsAt();
    out.textOrNull("resets_at", resets == null ? "" : resets.toString());
    out.field("on_exceeded", limit.onExceeded().name().toLowerCase(Locale.ROOT));
    limit.downgradeTo().ifPresent(model -> out.field("downgrade_to", model));
    alerts(out, limit, reading);
    out.endObject();
  }

  /// Which parts of a budget are told of, and which have been used.
  private static void alerts(JsonOut out, Limit limit, QuotaReading reading) {
    if (limit.alerts().isEmpty()) {
      return;
    }
    out.name("alerts").beginArray();
    for (BigDecimal fraction : limit.alerts()) {
      out.beginObject()
          .field("fraction", fraction.toPlainString())
          .field("reached", limit.reaches(fraction, reading.getUsed()))
          .endObject();
    }
    out.endArray();
  }

  private static void part(JsonOut out, Part part, String key) {
    switch (part) {
      case Part.Whole _ -> out.field("scope", "tenant");
      case Part.Team team -> out.field("scope", "team").field("team", team.id());
      case Part.Key one -> out.field("scope", "key").field("key", one.id());
      case Part.Tag tag -> {
        String value = key.substring(("tag:" + tag.name() + "=").length(), key.lastIndexOf('|'));
        out.field("scope", "tag").field("tag", tag.name()).field("value", value);
      }
    }
  }

  /// What has decimal places as text: no reader can round it by accident.
  private static void amount(JsonOut out, String name, Limit limit, long amount) {
    if (limit.unit().scale() > 0) {
      out.field(name, limit.amountText(amount));
    } else {
      out.name(name).number(amount);
    }
  }
}
