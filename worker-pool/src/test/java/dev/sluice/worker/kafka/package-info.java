/// The shell's parts that need no broker.
@NullMarked
package dev.sluice.worker.kafka;

import org.jspecify.annotations.NullMarked;
