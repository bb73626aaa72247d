/// The Anthropic provider against upstreams of every behaviour.
@NullMarked
package dev.sluice.worker.provider.anthropic;

import org.jspecify.annotations.NullMarked;
