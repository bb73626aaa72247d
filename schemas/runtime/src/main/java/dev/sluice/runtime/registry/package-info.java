/// The built-in schema registry: Confluent's REST interface over a compacted topic.
@NullMarked
package dev.sluice.runtime.registry;

import org.jspecify.annotations.NullMarked;
