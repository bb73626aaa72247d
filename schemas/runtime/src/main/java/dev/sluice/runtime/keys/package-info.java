/// API keys issued at run time: their topic, its reader and its writer.
@NullMarked
package dev.sluice.runtime.keys;

import org.jspecify.annotations.NullMarked;
