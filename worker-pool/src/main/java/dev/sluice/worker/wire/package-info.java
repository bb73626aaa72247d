/// Bytes of the OpenAI surface: event streams, JSON edits that keep what they do not touch, usage.
@NullMarked
package dev.sluice.worker.wire;

import org.jspecify.annotations.NullMarked;
