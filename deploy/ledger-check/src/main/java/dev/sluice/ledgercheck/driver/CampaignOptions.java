package dev.sluice.ledgercheck.driver;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// How long and how hard.
///
/// @param sluice the launcher
/// @param folder for ledgers, Sluice's data and logs; must be empty
/// @param jobs accepted jobs, at least
/// @param kills disturbances, at least
/// @param atLeast time under trouble, at least
/// @param perSecond pace of the POSTs
/// @param split each service as its own process
/// @param freezeRouter split only: time for which a router is frozen at first, before the other one
///   is killed; empty for neither
public record CampaignOptions(
    Path sluice,
    Path folder,
    long seed,
    int jobs,
    int kills,
    Duration atLeast,
    int perSecond,
    boolean split,
    Optional<Duration> freezeRouter) {}
