package dev.sluice.deploy.cli.top;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A reading as lines of at most 80 characters, all of them ASCII.
public final class Screen {
  public static final int WIDTH = 80;

  private static final int NAME = 19;
  private static final int BAR = 20;
  private static final long MINUTE = 60;
  private static final long HOUR = 3_600;
  private static final long DAY = 86_400;

  private Screen() {}

  /// @param title what and when
  /// @param notes what could not be read
  public static List<String> lines(String title, Reading reading, List<String> notes) {
    List<String> lines = new ArrayList<>();
    lines.add(title + "   policy %.0f".formatted(reading.policyVersion()));
    notes.forEach(note -> lines.add("! " + note));
    lines.add("");
    lines.add(
        row(
            "jobs",
            rate(reading.admittedPerSecond()) + " in",
            rate(reading.endedPerSecond()) + " done",
            rate(reading.retriedPerSecond()) + " retried"));
    lines.add(
        row(
            "tokens",
            rate(reading.inputTokensPerSecond()) + " in",
            rate(reading.outputTokensPerSecond()) + " out",
            ""));
    lines.add(
        row(
            "cost",
            usd(reading.chargedUsdPerMinute()) + " charged",
            usd(reading.owedUsdPerMinute()) + " owed",
            ""));
    lines.add("");
    lines.add(row("WAITING, OLDEST", "interactive", "standard", "batch"));
    for (Reading.Pool pool : reading.pools()) {
      List<String> cells =
          Snapshot.CLASSES.stream()
              .map(name -> waiting(pool.waiting().getOrDefault(name, new Snapshot.Waiting(0, 0))))
              .toList();
      lines.add(row(pool.name(), cells.get(0), cells.get(1), cells.get(2)));
    }
    if (reading.unplaced() > 0) {
      lines.add(row("no pool", count(reading.unplaced()), "", ""));
    }
    Snapshot.Held held = reading.held();
    if (held.tenants() + held.groups() + held.jobs() > 0) {
      lines.add(
          row(
              "paused",
              count(held.tenants()) + " tenants",
              count(held.groups()) + " groups",
              count(held.jobs()) + " jobs"));
    }
    lines.add("");
    lines.add(
        "%-19s %-22s %9s %8s %7s %9s"
            .formatted("POOL", "IN FLIGHT", "OF SLOTS", "CALLS/S", "ERRORS", "1ST TOKEN"));
    reading.pools().forEach(pool -> lines.add(line(pool)));
    return lines.stream().map(Screen::cut).toList();
  }

  private static String line(Reading.Pool pool) {
    return "%-19s %s %9s %8s %7s %9s"
        .formatted(
            name(pool.name()),
            state(pool),
            count(pool.inFlight()) + "/" + count(pool.slots()),
            decimal(pool.callsPerSecond()),
            String.format(Locale.ROOT, "%.1f%%", 100 * pool.faultShare()),
            pool.firstTokenSeconds() == 0 ? "-" : age(pool.firstTokenSeconds()));
  }

  /// What keeps it from being called, else how much of it is used.
  private static String state(Reading.Pool pool) {
    if (!pool.stopped().isEmpty()) {
      return "%-22s".formatted(pool.stopped() + " by operator");
    }
    if (pool.down() > 0) {
      return "%-22s".formatted(pool.slots() > 0 ? "down for some workers" : "provider down");
    }
    return pool.pausedSeconds() > 0
        ? "%-22s".formatted("paused " + age(pool.pausedSeconds()))
        : bar(pool.inFlight(), pool.slots());
  }

  static String bar(double part, double whole) {
    double share = whole > 0 ? Math.clamp(part / whole, 0, 1) : 0;
    // Any use at all shows, and only full use fills it.
    int filled = share > 0 ? Math.clamp((int) (share * BAR), 1, BAR) : 0;
    return "[" + "#".repeat(filled) + ".".repeat(BAR - filled) + "]";
  }

  private static String waiting(Snapshot.Waiting waiting) {
    return waiting.jobs() == 0 ? "-" : count(waiting.jobs()) + "  " + age(waiting.oldestSeconds());
  }

  private static String row(String name, String first, String second, String third) {
    return "%-19s %18s  %18s  %18s".formatted(name(name), first, second, third).stripTrailing();
  }

  private static String name(String name) {
    return name.length() > NAME ? name.substring(0, NAME - 1) + "~" : name;
  }

  private static String rate(double value) {
    return decimal(value) + "/s";
  }

  private static String usd(double value) {
    return String.format(Locale.ROOT, "$%.4f/min", value);
  }

  private static String decimal(double value) {
    return value < 1_000 ? String.format(Locale.ROOT, "%.1f", value) : count(value);
  }

  /// A count in at most five characters or so: 950, 1.2k, 34k, 1.2M.
  static String count(double value) {
    if (value < 1_000) {
      return String.format(Locale.ROOT, "%.0f", value);
    }
    String unit = value < 999_500 ? "k" : "M";
    double scaled = value < 999_500 ? value / 1_000 : value / 1_000_000;
    return String.format(Locale.ROOT, scaled < 9.95 ? "%.1f%s" : "%.0f%s", scaled, unit);
  }

  /// A time in one unit, or two of the longer ones: 0.21 s, 12 s, 5 min, 3 h 20 min, 2 d.
  static String age(double seconds) {
    if (seconds < 10) {
      return String.format(Locale.ROOT, "%.2f s", seconds);
    }
    long whole = Math.round(seconds);
    if (whole < 2 * MINUTE) {
      return whole + " s";
    }
    if (whole < HOUR) {
      return whole / MINUTE + " min";
    }
    return whole < 2 * DAY
        ? whole / HOUR + " h " + whole % HOUR / MINUTE + " min"
        : whole / DAY + " d";
  }

  private static String cut(String line) {
    return line.length() > WIDTH ? line.substring(0, WIDTH) : line;
  }
}
