/// The worker: takes released work from Kafka, calls providers, reports what came of it.
@NullMarked
package dev.sluice.worker;

import org.jspecify.annotations.NullMarked;
