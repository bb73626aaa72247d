package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Optional;

/// An answer that equal requests of its tenant may be given: only where it is, never what it says.
///
/// @param key of tenant, plan and request
/// @param first the job whose answer it is
/// @param at when that job ended
/// @param given when its provider had given it, from which its age counts
/// @param until when it is given out no more
/// @param worth what it was priced at, USD; empty when it had no price
public record KeptAnswer(
    Digest key,
    JobId first,
    Instant at,
    Instant given,
    Instant until,
    Optional<BigDecimal> worth) {}
