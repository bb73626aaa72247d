package dev.sluice.ledgercheck.core;

/// How far a limit was used.
///
/// @param most in any window, as far as it can be proved from outside
public record LimitUse(Limit limit, long most) {}
