/// The worker's decisions: pure, without Kafka, clocks or I/O.
@NullMarked
package dev.sluice.worker.core;

import org.jspecify.annotations.NullMarked;
