/// The admin port of every process: health, readiness, metrics.
@NullMarked
package dev.sluice.runtime.http;

import org.jspecify.annotations.NullMarked;
