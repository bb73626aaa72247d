/// The router's decisions: the state machine of one job, and what one task derives from all its
/// jobs (backlog, credits, timers). Pure: only `java.*` and `contract.model`.
@NullMarked
package dev.sluice.router.core;

import org.jspecify.annotations.NullMarked;
