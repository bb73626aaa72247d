/// The arithmetic of measuring: schedules, percentiles, processor time.
@NullMarked
package dev.sluice.bench.core;

import org.jspecify.annotations.NullMarked;
