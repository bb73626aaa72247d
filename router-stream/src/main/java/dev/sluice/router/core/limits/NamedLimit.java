package dev.sluice.router.core.limits;

/// One limit of one tenant.
///
/// @param name of the limit and of whose it is
public record NamedLimit(String tenant, String name) {}
