/// Kafka clients made one way: settings, names, topics.
@NullMarked
package dev.sluice.runtime.kafka;

import org.jspecify.annotations.NullMarked;
