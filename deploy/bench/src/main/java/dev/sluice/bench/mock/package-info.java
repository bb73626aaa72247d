/// A provider so cheap that it is never the limit.
@NullMarked
package dev.sluice.bench.mock;

import org.jspecify.annotations.NullMarked;
