package dev.sluice.router.core;

/// Where an attempt goes, and why.
///
/// @param pool pool id
/// @param model name sent to the provider
/// @param policyVersion policy that decided
/// @param reason one word: `weighted`, `fallback`, `retry`, `retry_budget`
public record Placement(String pool, String model, long policyVersion, String reason) {}
