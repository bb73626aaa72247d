/// The worker's thin shell around Kafka: hand-off, verdicts, results, signs of life.
@NullMarked
package dev.sluice.worker.kafka;

import org.jspecify.annotations.NullMarked;
