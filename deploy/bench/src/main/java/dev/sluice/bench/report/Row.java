package dev.sluice.bench.report;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.sluice.bench.core.Percentiles;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One line of a table: named values in the order they were put. Units stand in the names.
public final class Row {
  private final Map<String, @Nullable Object> values = new LinkedHashMap<>();

  public Row with(String name, Object value) {
    boolean unknown = value instanceof Double number && number.isNaN();
    values.put(name, unknown ? null : value instanceof Double number ? rounded(number) : value);
    return this;
  }

  /// Puts p50 to max, and how many samples they rest on.
  public Row with(String name, Percentiles millis) {
    return with(name + " n", millis.count())
        .with(name + " p50 ms", millis.p50())
        .with(name + " p90 ms", millis.p90())
        .with(name + " p99 ms", millis.p99())
        .with(name + " p99.9 ms", millis.p999())
        .with(name + " max ms", millis.max());
  }

  private static double rounded(double value) {
    double scale = Math.abs(value) >= 100 ? 1 : 100;
    return Math.round(value * scale) / scale;
  }

  @JsonValue
  public Map<String, @Nullable Object> values() {
    return values;
  }

  static String text(@Nullable Object value) {
    return switch (value) {
      case null -> "–";
      case Double number ->
          number == Math.rint(number) && Math.abs(number) >= 100
              ? String.format(Locale.ROOT, "%,.0f", number)
              : String.format(Locale.ROOT, "%.2f", number);
      case Integer number -> String.format(Locale.ROOT, "%,d", number);
      case Long number -> String.format(Locale.ROOT, "%,d", number);
      default -> value.toString();
    };
  }
}
