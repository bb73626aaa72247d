/// Serdes without a registry server.
@NullMarked
package dev.sluice.testkit.serde;

import org.jspecify.annotations.NullMarked;
