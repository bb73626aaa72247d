package dev.sluice.ledgercheck.core;

/// What `GET /v1/costs` says the tenant pays and the operator owes in all, pico-USD.
public record Totals(long chargedPico, long owedPico) {}
