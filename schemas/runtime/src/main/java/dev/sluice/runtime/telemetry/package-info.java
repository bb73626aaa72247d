/// Names of log keys and metrics.
@NullMarked
package dev.sluice.runtime.telemetry;

import org.jspecify.annotations.NullMarked;
