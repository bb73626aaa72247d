/// Measures Sluice from outside, and its pure cores from inside.
@NullMarked
package dev.sluice.bench;

import org.jspecify.annotations.NullMarked;
