/// Load over plain sockets: open loop for latencies, closed loop for maxima.
@NullMarked
package dev.sluice.bench.load;

import org.jspecify.annotations.NullMarked;
