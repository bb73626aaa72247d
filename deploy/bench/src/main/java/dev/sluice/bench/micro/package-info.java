/// Micro-benchmarks of pure cores and serdes, run by deploy/bench/run jmh only.
@NullMarked
package dev.sluice.bench.micro;

import org.jspecify.annotations.NullMarked;
