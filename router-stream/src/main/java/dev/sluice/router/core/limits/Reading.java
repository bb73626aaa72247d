package dev.sluice.router.core.limits;

import dev.sluice.contract.model.Limit;
import java.time.Instant;
import java.util.Optional;

/// A limit and what is used of it at one moment, in its unit.
///
/// @param key names the limit and whose it is
/// @param reserved kept free for jobs whose call has not begun
/// @param resetsAt when nothing of what is used now counts any more; empty when that is now
public record Reading(
    Limit limit, String key, long used, long reserved, long left, Optional<Instant> resetsAt) {}
