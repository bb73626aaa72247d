/// What is counted, and what it adds up to: pure decisions.
@NullMarked
package dev.sluice.metering.core;

import org.jspecify.annotations.NullMarked;
