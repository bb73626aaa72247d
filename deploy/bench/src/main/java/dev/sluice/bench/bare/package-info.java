/// The path that a call takes through Kafka, with nothing of Sluice on it: what is left when every
/// decision, every check and every byte of HTTP is taken away.
@NullMarked
package dev.sluice.bench.bare;

import org.jspecify.annotations.NullMarked;
