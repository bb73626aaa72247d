package dev.sluice.runtime.config;

import dev.sluice.contract.model.Limit.Unit;
import dev.sluice.contract.model.Limit.Window;
import dev.sluice.contract.model.Policy;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// Checks what concerns several values of a tenant's limits. For one thread.
final class LimitCheck {
  private static final List<String> BOUNDS = List.of("usd", "tokens", "requests", "gpu_seconds");

  private final Policy policy;
  private final Problems problems;

  LimitCheck(Policy policy, Problems problems) {
    this.policy = policy;
    this.problems = problems;
  }

  void check(Settings tenant) {
    var keys = new TreeSet<String>();
    tenant.sections("keys").forEach(key -> key.text("id").ifPresent(keys::add));
    part(tenant, new HashMap<>());
    tenant.sections("keys").forEach(key -> part(key, new HashMap<>()));
    tags(tenant);
    for (Settings team : tenant.sections("teams")) {
      part(team, new HashMap<>());
      for (Entry member : team.list("keys")) {
        if (!keys.contains(member.text())) {
          add(
              member,
              "the tenant has no key "
                  + ScalarReader.quoted(member.text())
                  + "; "
                  + NearMiss.hint(member.text(), keys, "keys"));
        }
      }
    }
    tenant
        .whole("shards")
        .ifPresent(shards -> {
          if (shards > 1) {
            shards(tenant, shards);
          }
        });
  }

  /// What is written of one tag, or of one value of it, may be in several places.
  private void tags(Settings tenant) {
    Map<String, Map<String, Entry>> limits = new HashMap<>();
    for (Settings tag : tenant.sections("tags")) {
      String whose = tag.text("tag").orElse("") + tag.text("value").map(v -> "\n" + v).orElse("");
      part(tag, limits.computeIfAbsent(whose, _ -> new HashMap<>()));
    }
  }

  /// Each shard has its part of each limit. The least that can be written of money and GPU time is
  /// many steps of theirs.
  private void shards(Settings tenant, int shards) {
    divided(tenant, shards);
    for (String parts : List.of("teams", "keys", "tags")) {
      tenant.sections(parts).forEach(part -> divided(part, shards));
    }
  }

  private void divided(Settings written, int shards) {
    Settings quotas = written.section("quotas");
    LimitKeys.RATES.forEach(rate -> divided(quotas, rate.key(), rate.unit(), shards));
    divided(quotas, "max_in_flight", Unit.IN_FLIGHT, shards);
    for (Settings budget : written.sections("budgets")) {
      divided(budget, "tokens", Unit.TOKENS, shards);
      divided(budget, "requests", Unit.REQUESTS, shards);
    }
  }

  private void divided(Settings written, String key, Unit unit, int shards) {
    written
        .entry(key)
        .filter(entry -> unit.amount(BigDecimal.valueOf((Long) entry.value())) < shards)
        .ifPresent(entry ->
            add(
                entry,
                "is too small to be divided among the tenant's "
                    + shards
                    + " shards; raise it, or lower shards"));
  }

  /// @param windows limits of the same part that are written before, by unit and time
  private void part(Settings written, Map<String, Entry> windows) {
    Settings quotas = written.section("quotas");
    exceeded(quotas);
    for (LimitKeys.Rate rate : LimitKeys.RATES) {
      String window = new Window.Rolling(rate.window()).key();
      quotas.entry(rate.key()).ifPresent(entry -> once(windows, rate.unit().key(), window, entry));
    }
    quotas.entry("max_in_flight").ifPresent(entry -> once(windows, "in_flight", "now", entry));
    for (Settings budget : written.sections("budgets")) {
      exceeded(budget);
      one(budget, BOUNDS, "what it bounds");
      one(budget, List.of("period", "rolling"), "over which time");
      amount(budget);
      zone(budget);
      alerts(budget);
      once(windows, budget);
    }
  }

  /// A budget needs exactly one of these.
  private void one(Settings budget, List<String> keys, String what) {
    List<Entry> written = keys.stream().flatMap(key -> budget.entry(key).stream()).toList();
    if (written.isEmpty()) {
      problems.add(
          budget.where(),
          budget.path(),
          "does not say " + what + "; add one of " + String.join(", ", keys));
    } else if (written.size() > 1) {
      add(
          written.get(1),
          "is one bound too many; keep one of "
              + String.join(", ", keys)
              + " and write another"
              + " budget for the other");
    }
  }

  private void amount(Settings budget) {
    budget
        .entry("usd")
        .ifPresent(entry -> {
          var usd = budget.usd("usd").orElseThrow();
          if (usd.signum() == 0 || usd.compareTo(LimitBinder.MOST_USD) > 0) {
            add(entry, "must be above 0 and at most " + LimitBinder.MOST_USD + " USD");
          }
        });
  }

  /// Alerts are told once a period, and a rolling window has none.
  private void alerts(Settings budget) {
    budget
        .entry("alerts")
        .filter(_ -> budget.entry("period").isEmpty())
        .ifPresent(entry -> add(entry, "needs a period, in which each is told once"));
    for (Entry fraction : budget.list("alerts")) {
      if (((BigDecimal) fraction.value()).signum() == 0) {
        add(fraction, "must be above 0 and at most 1");
      }
    }
  }

  private void zone(Settings budget) {
    budget
        .entry("zone")
        .filter(entry -> LimitBinder.zone(entry.text()).isEmpty())
        .ifPresent(entry ->
            add(
                entry,
                "there is no time zone "
                    + ScalarReader.quoted(entry.text())
                    + NearMiss.of(entry.text(), java.time.ZoneId.getAvailableZoneIds())
                        .map(near -> "; did you mean \"" + near + "\"?")
                        .orElse("; write one such as Europe/Berlin")));
  }

  /// Two limits over the same time would be one with the smaller amount.
  private void once(Map<String, Entry> windows, Settings budget) {
    String window = LimitBinder.window(budget).key();
    BOUNDS.forEach(
        unit -> budget.entry(unit).ifPresent(entry -> once(windows, unit, window, entry)));
  }

  private void once(Map<String, Entry> windows, String unit, String window, Entry entry) {
    Entry earlier = windows.putIfAbsent(unit + "/" + window, entry);
    if (earlier != null) {
      add(
          entry,
          "a limit over the same time is already in line "
              + earlier.where().line()
              + "; keep the smaller");
    }
  }

  private void exceeded(Settings limited) {
    boolean downgrades =
        limited.text("on_exceeded").map(text -> text.equals("downgrade")).orElse(false);
    if (downgrades && limited.entry("downgrade_to").isEmpty()) {
      limited
          .entry("on_exceeded")
          .ifPresent(entry -> add(entry, "needs downgrade_to, the model to run on instead"));
    }
    limited
        .entry("downgrade_to")
        .ifPresent(entry -> {
          if (!downgrades) {
            add(entry, "is only for \"on_exceeded: downgrade\"; remove it, or write that");
          } else if (policy.model(entry.text()).isEmpty()) {
            add(
                entry,
                "there is no model "
                    + ScalarReader.quoted(entry.text())
                    + "; "
                    + NearMiss.hint(entry.text(), policy.models().keySet(), "models"));
          }
        });
  }

  private void add(Entry entry, String text) {
    problems.add(entry.where(), entry.path(), text);
  }
}
