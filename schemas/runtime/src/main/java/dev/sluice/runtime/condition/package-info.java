/// Conditions of the policy, written in CEL.
@NullMarked
package dev.sluice.runtime.condition;

import org.jspecify.annotations.NullMarked;
