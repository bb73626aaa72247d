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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// `GET /v1/quotas`: each limit of the tenant with what is used, reserved and left of it; then, a
/// page at a time, the same of single values of tags that have one for themselves. With
/// `tag.<name>=<value>` only those of one value.
final class Quotas implements Endpoint {
  private static final int DEFAULT_LIMIT = 100;
  private static final int MAX_LIMIT = 1_000;

  private final QuotaLog quotas;
  private final Supplier<Policy> policy;

  Quotas(QuotaLog quotas, Supplier<Policy> policy) {
    this.quotas = quotas;
    this.policy = policy;
  }

  @Override
  public void serve(Call call) throws IOException {
    String tenant = call.principal().tenant();
    LimitNames limits =
        new LimitNames(policy.get().tenant(tenant).map(Policy.Tenant::limits).orElse(List.of()));
    Map<String, String> tags = call.queryTags();
    Optional<String> after = call.query("after");
    int limit =
        call.query("limit")
            .map(text -> Jobs.whole(text, "limit", 1, MAX_LIMIT))
            .orElse(DEFAULT_LIMIT);
    Optional<QuotaState> state = quotas.of(tenant);
    JsonOut out = new JsonOut(1_024);
    out.beginObject().field("object", "list").name("data").beginArray();
    List<QuotaReading> values = List.of();
    if (tags.isEmpty()) {
      if (after.isEmpty()) {
        whole(limits, state).forEach(reading -> write(out, limits, reading));
      }
      // One more than asked for says whether there are more.
      values = quotas.ofValues(tenant, after.orElse(""), limit + 1);
      values.stream().limit(limit).forEach(reading -> write(out, limits, reading));
    } else {
      ofTags(tenant, limits, tags, state).forEach(reading -> write(out, limits, reading));
    }
    boolean more = values.size() > limit;
    out.endArray()
        .textOrNull("last_id", more ? values.get(limit - 1).getLimit() : "")
        .field("has_more", more);
    if (state.isPresent()) {
      out.field("as_of", state.get().getAt().toString());
    }
    call.json(200, out.endObject().toBytes());
  }

  /// What was told of each limit that is not of single values; of one that no job has met nothing
  /// is used.
  private static List<QuotaReading> whole(LimitNames limits, Optional<QuotaState> state) {
    Map<String, QuotaReading> readings = new LinkedHashMap<>();
    for (Limit limit : limits.distinct()) {
      if (!limit.part().byValue()) {
        readings.put(limit.key(), unused(limit.key(), limit));
      }
    }
    for (QuotaReading told : state.map(QuotaState::getLimits).orElse(List.of())) {
      readings.computeIfPresent(told.getLimit(), (_, _) -> told);
    }
    return List.copyOf(readings.values());
  }

  private static QuotaReading unused(String name, Limit limit) {
    return new QuotaReading(name, 0L, 0L, limit.amount(), null);
  }

  /// What was told of the limits that count some values of tags.
  private List<QuotaReading> ofTags(
      String tenant, LimitNames limits, Map<String, String> tags, Optional<QuotaState> state) {
    List<QuotaReading> readings = new ArrayList<>();
    for (QuotaReading reading : whole(limits, state)) {
      if (limits.of(reading.getLimit()).orElseThrow().part() instanceof Part.Tag tag
          && tag.value().equals(Optional.ofNullable(tags.get(tag.name())))) {
        readings.add(reading);
      }
    }
    for (Limit limit : limits.distinct()) {
      if (limit.part() instanceof Part.Tag tag && tag.byValue() && tags.containsKey(tag.name())) {
        String name = limit.keyOf(tag.key() + "=" + tags.get(tag.name()));
        if (limits.of(name).filter(limit::equals).isPresent()) {
          readings.add(quotas.ofValue(tenant, name).orElse(unused(name, limit)));
        }
      }
    }
    return readings;
  }

  private static void write(JsonOut out, LimitNames limits, QuotaReading reading) {
    limits
        .of(reading.getLimit())
        .ifPresent(limit -> write(out, limit, reading.getLimit(), reading));
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
