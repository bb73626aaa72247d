/// The configuration file, the environment and secrets: the only place that reads any of them.
@NullMarked
package dev.sluice.runtime.config;

import org.jspecify.annotations.NullMarked;
