/// Tests of the simulated provider.
@NullMarked
package dev.sluice.worker.provider.simulated;

import org.jspecify.annotations.NullMarked;
