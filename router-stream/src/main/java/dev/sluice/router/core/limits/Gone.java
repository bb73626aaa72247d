package dev.sluice.router.core.limits;

import dev.sluice.contract.model.Limit;

/// A value of a tag that has used nothing of a limit in the time that counts: it is known no more.
///
/// @param logged whether the log has a record of it
public record Gone(NamedLimit name, Limit limit, boolean logged) {}
