/// The router on Kafka Streams: decode, ask the core, log the transition, send the notices.
@NullMarked
package dev.sluice.router.topology;

import org.jspecify.annotations.NullMarked;
