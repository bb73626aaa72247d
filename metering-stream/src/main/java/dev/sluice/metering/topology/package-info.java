/// The Kafka Streams shell around the decisions.
@NullMarked
package dev.sluice.metering.topology;

import org.jspecify.annotations.NullMarked;
