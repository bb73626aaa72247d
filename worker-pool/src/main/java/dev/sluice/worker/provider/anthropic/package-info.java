/// Anthropic's messages over HTTP.
@NullMarked
package dev.sluice.worker.provider.anthropic;

import org.jspecify.annotations.NullMarked;
