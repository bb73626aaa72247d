/// Clocks and signals for tests.
@NullMarked
package dev.sluice.testkit;

import org.jspecify.annotations.NullMarked;
