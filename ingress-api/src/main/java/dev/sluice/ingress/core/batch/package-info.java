/// Decisions about batches, as pure functions.
@NullMarked
package dev.sluice.ingress.core.batch;

import org.jspecify.annotations.NullMarked;
