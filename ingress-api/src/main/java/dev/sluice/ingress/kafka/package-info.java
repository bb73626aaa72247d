/// The log on Kafka: publisher, tail of the reply partitions, index on disk.
@NullMarked
package dev.sluice.ingress.kafka;

import org.jspecify.annotations.NullMarked;
