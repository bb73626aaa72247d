package dev.sluice.runtime.config;

import static dev.sluice.runtime.config.Key.optional;
import static dev.sluice.runtime.config.Key.required;

import dev.sluice.contract.model.Limit.Unit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The keys by which a tenant and its parts are limited: `quotas`, `budgets`, `teams`, `tags`.
final class LimitKeys {
  private static final long MOST = 1_000_000_000_000_000L;
  private static final Shape.Whole AMOUNT = new Shape.Whole(1, MOST);

  /// So that sums in microseconds stay whole numbers of 64 bits.
  private static final Shape.Whole GPU_TIME = new Shape.Whole(1, 9_000_000_000L);

  private static final String DOWNGRADE_TO =
      "With `downgrade`: the model that jobs run on instead. They count, and are not bounded by"
          + " this limit; put another beside it that bounds them.";

  /// A quota that is a rate.
  ///
  /// @param key its name in the file
  record Rate(String key, Unit unit, Duration window, String meaning) {}

  /// All of them, in the order of the documentation.
  static final List<Rate> RATES =
      Stream.of(
              new Counted(Unit.REQUESTS, "Jobs"),
              new Counted(Unit.TOKENS, "Tokens of prompts and answers"),
              new Counted(Unit.INPUT_TOKENS, "Tokens of prompts"),
              new Counted(Unit.OUTPUT_TOKENS, "Tokens of answers"),
              new Counted(Unit.GPU_SECONDS, "GPU time, seconds,"))
          .flatMap(counted ->
              Stream.of(
                  counted.in("minute", Duration.ofMinutes(1), "in the last 60 seconds."),
                  counted.in("hour", Duration.ofHours(1), "in the last 60 minutes."),
                  counted.in("day", Duration.ofDays(1), "in the last 24 hours.")))
          .toList();

  private record Counted(Unit unit, String what) {
    Rate in(String name, Duration window, String when) {
      return new Rate(unit.key() + "_per_" + name, unit, window, what + " " + when);
    }
  }

  private static final Shape.Section QUOTAS = new Shape.Section(rates(), Map.of());

  private static final Shape.Section BUDGET =
      new Shape.Section(
          List.of(
              optional(
                  "usd",
                  new Shape.Usd(),
                  "What answers may be charged, USD, up to 9000000; this, `tokens`,"
                      + " `requests` or `gpu_seconds`."),
              optional("tokens", AMOUNT, "Tokens of prompts and answers."),
              optional("requests", AMOUNT, "Jobs."),
              optional("gpu_seconds", GPU_TIME, "GPU time of calls that answered, seconds."),
              optional(
                  "period",
                  new Shape.Choice(
                      List.of("hour", "day", "week", "month", "year", "forever"), Map.of()),
                  "Period of the calendar after which it begins anew; weeks begin on Monday. This"
                      + " or `rolling`."),
              optional(
                  "rolling",
                  new Shape.Span(Duration.ofSeconds(1), Duration.ofDays(366)),
                  "A window that ends now, instead of a period."),
              optional("zone", zone(), "UTC", "Time zone of the period, as `Europe/Berlin`."),
              onExceeded("reject"),
              optional("downgrade_to", model(), DOWNGRADE_TO),
              optional(
                  "alerts",
                  new Shape.Many(new Shape.Ratio(), 1),
                  "none",
                  "Parts of it, as `0.8`, of which `sluice.alerts` and `budget.alert` callbacks"
                      + " tell when they are used, once a period; only with `period`.")),
          Map.of());

  private LimitKeys() {}

  static Key quotas(String whose) {
    return optional(
        "quotas",
        QUOTAS,
        "Rates and concurrency of " + whose + ". Rolling windows, which may be used at once.");
  }

  static Key budgets(String whose) {
    return optional("budgets", new Shape.Many(BUDGET, 1), "none", "Budgets of " + whose + ".");
  }

  static Shape.Section team(Shape.Text id) {
    return new Shape.Section(
        List.of(
            required("id", id, "Name of the team; unique within the tenant."),
            required(
                "keys", new Shape.Many(id, 1), "Ids of the API keys whose jobs are the team's."),
            quotas("the team"),
            budgets("the team")),
        Map.of());
  }

  static Shape.Section tag() {
    var text = new Shape.Text("[!-~][ -~]{0,255}", "1 to 256 visible ASCII characters");
    // So that a limit's name says where the value begins.
    var name =
        new Shape.Text("[!-<>-~][ -<>-~]{0,255}", "1 to 256 visible ASCII characters without =");
    return new Shape.Section(
        List.of(
            required("tag", name, "Name of the tag."),
            optional(
                "value",
                text,
                "each value for itself",
                "Its value; without it each value has the limits for itself."),
            quotas("jobs with the tag"),
            budgets("jobs with the tag")),
        Map.of());
  }

  private static List<Key> rates() {
    var keys = new ArrayList<Key>();
    for (Rate rate : RATES) {
      Shape amount = rate.unit() == Unit.GPU_SECONDS ? GPU_TIME : AMOUNT;
      keys.add(optional(rate.key(), amount, "unlimited", rate.meaning()));
    }
    keys.add(
        optional(
            "max_in_flight",
            new Shape.Whole(1, 1_000_000),
            "unlimited",
            "Jobs that run at once; with `reject` and `downgrade`, that run or wait."));
    keys.add(onExceeded("hold"));
    keys.add(optional("downgrade_to", model(), DOWNGRADE_TO));
    return keys;
  }

  private static Key onExceeded(String fallback) {
    return optional(
        "on_exceeded",
        new Shape.Choice(List.of("hold", "reject", "downgrade"), Map.of()),
        fallback,
        "What becomes of a job that does not fit: it waits, is refused with 429, or runs on another"
            + " model.");
  }

  private static Shape.Text zone() {
    return new Shape.Text("[A-Za-z0-9_+/:-]{1,64}", "a time zone such as Europe/Berlin");
  }

  private static Shape.Text model() {
    return new Shape.Text("[!-~]{1,256}", "1 to 256 visible ASCII characters without spaces");
  }
}
