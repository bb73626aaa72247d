/// The processes under test and what the kernel says of them.
@NullMarked
package dev.sluice.bench.process;

import org.jspecify.annotations.NullMarked;
