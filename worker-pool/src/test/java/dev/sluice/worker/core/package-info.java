/// Decisions of the worker, tested without Kafka.
@NullMarked
package dev.sluice.worker.core;

import org.jspecify.annotations.NullMarked;
