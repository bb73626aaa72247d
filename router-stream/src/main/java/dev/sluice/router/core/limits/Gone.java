package dev.sluice.router.core.limits;

/// A value of a tag that is known no more: it has used nothing of its limit in the time that
/// counts, or the limit is gone.
///
/// @param logged whether the log has a record of it
public record Gone(NamedLimit name, boolean logged) {}
