/// Runs batches: one runner each, exact across crashes.
@NullMarked
package dev.sluice.ingress.batch;

import org.jspecify.annotations.NullMarked;
