package dev.sluice.ledgercheck.core;

import java.util.List;

/// What `GET /v1/costs` says the tenant pays and the operator owes in all, pico-USD.
public record Totals(long chargedPico, long owedPico) {

  public static Totals of(List<CostEntry> rows) {
    return new Totals(
        rows.stream().mapToLong(row -> row.chargedPico().orElse(0L)).sum(),
        rows.stream().mapToLong(row -> row.owedPico().orElse(0L)).sum());
  }
}
