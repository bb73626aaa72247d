/// A provider without a model: deterministic answers at a chosen pace, for quickstart and load.
@NullMarked
package dev.sluice.worker.provider.simulated;

import org.jspecify.annotations.NullMarked;
