package dev.sluice.runtime.config;

import dev.sluice.contract.model.Limit;
import dev.sluice.contract.model.Limit.OnExceeded;
import dev.sluice.contract.model.Limit.Part;
import dev.sluice.contract.model.Limit.Period;
import dev.sluice.contract.model.Limit.Unit;
import dev.sluice.contract.model.Limit.Window;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// Makes a tenant's limits of what is written, in the order of the file: the tenant's own, its
/// teams', its keys', its tags'. Pure.
final class LimitBinder {
  /// The most that a budget can be, USD: sums in pico-USD stay whole numbers of 64 bits.
  static final BigDecimal MOST_USD = BigDecimal.valueOf(9_000_000);

  private static final ZoneId UTC = ZoneId.of("UTC");

  private LimitBinder() {}

  static List<Limit> limits(Settings tenant) {
    List<Limit> all = new ArrayList<>(of(tenant, new Part.Whole()));
    for (Settings team : tenant.sections("teams")) {
      Part part =
          new Part.Team(
              team.text("id").orElse(""),
              team.list("keys").stream().map(Entry::text).collect(Collectors.toSet()));
      all.addAll(of(team, part));
    }
    for (Settings key : tenant.sections("keys")) {
      all.addAll(of(key, new Part.Key(key.text("id").orElse(""))));
    }
    for (Settings tag : tenant.sections("tags")) {
      all.addAll(of(tag, new Part.Tag(tag.text("tag").orElse(""), tag.text("value"))));
    }
    return all;
  }

  private static List<Limit> of(Settings written, Part part) {
    List<Limit> all = new ArrayList<>();
    Settings quotas = written.section("quotas");
    for (LimitKeys.Rate rate : LimitKeys.RATES) {
      amount(quotas, rate.key(), rate.unit())
          .map(amount ->
              limit(
                  part,
                  rate.unit(),
                  new Window.Rolling(rate.window()),
                  amount,
                  quotas,
                  OnExceeded.HOLD))
          .ifPresent(all::add);
    }
    amount(quotas, "max_in_flight", Unit.IN_FLIGHT)
        .map(amount ->
            limit(part, Unit.IN_FLIGHT, new Window.Now(), amount, quotas, OnExceeded.HOLD))
        .ifPresent(all::add);
    for (Settings budget : written.sections("budgets")) {
      budget(part, budget).ifPresent(all::add);
    }
    return all;
  }

  private static Optional<Limit> budget(Part part, Settings written) {
    Optional<Limit> usd =
        written
            .usd("usd")
            .filter(sum -> sum.compareTo(MOST_USD) <= 0)
            .map(sum -> budget(part, Unit.USD, Limit.picoUsd(sum), written));
    return usd.or(() -> counted(part, Unit.TOKENS, written))
        .or(() -> counted(part, Unit.REQUESTS, written))
        .or(() -> counted(part, Unit.GPU_SECONDS, written));
  }

  private static Optional<Limit> counted(Part part, Unit unit, Settings written) {
    return amount(written, unit.key(), unit).map(amount -> budget(part, unit, amount, written));
  }

  private static Limit budget(Part part, Unit unit, long amount, Settings written) {
    Limit limit = limit(part, unit, window(written), amount, written, OnExceeded.REJECT);
    return new Limit(
        part,
        unit,
        limit.window(),
        amount,
        limit.onExceeded(),
        limit.downgradeTo(),
        written.list("alerts").stream().map(entry -> (BigDecimal) entry.value()).toList());
  }

  static Window window(Settings budget) {
    return budget
        .span("rolling")
        .<Window>map(Window.Rolling::new)
        .orElseGet(() ->
            new Window.Calendar(
                budget
                    .text("period")
                    .map(text -> constant(Period.class, text))
                    .orElse(Period.FOREVER),
                budget.text("zone").flatMap(LimitBinder::zone).orElse(UTC)));
  }

  static Optional<ZoneId> zone(String text) {
    try {
      return Optional.of(ZoneId.of(text));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static Limit limit(
      Part part, Unit unit, Window window, long amount, Settings written, OnExceeded otherwise) {
    OnExceeded onExceeded =
        written.text("on_exceeded").map(text -> constant(OnExceeded.class, text)).orElse(otherwise);
    return new Limit(part, unit, window, amount, onExceeded, written.text("downgrade_to"));
  }

  private static Optional<Long> amount(Settings written, String key, Unit unit) {
    return written.entry(key).map(entry -> unit.amount(BigDecimal.valueOf((Long) entry.value())));
  }

  private static <E extends Enum<E>> E constant(Class<E> type, String name) {
    return Enum.valueOf(type, name.toUpperCase(Locale.ROOT));
  }
}
