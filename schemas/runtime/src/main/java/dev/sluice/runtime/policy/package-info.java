/// The policy in force, read from its topic, and its publication there.
@NullMarked
package dev.sluice.runtime.policy;

import org.jspecify.annotations.NullMarked;
