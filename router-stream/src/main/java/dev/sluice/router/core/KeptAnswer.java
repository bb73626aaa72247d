package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Optional;

/// An answer that equal requests of its tenant may be given: only where it is, never what it says.
///
/// @param key of tenant, plan and request
/// @param first the job whose answer it is
/// @param at when the provider had given it, by the worker's clock, but not after its job's end
/// @param until when it is given out no more
/// @param worth what it was priced at, USD; empty when it had no price
public record KeptAnswer(
    Digest key, JobId first, Instant at, Instant until, Optional<BigDecimal> worth) {}
