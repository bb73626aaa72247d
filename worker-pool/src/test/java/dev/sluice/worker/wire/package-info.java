/// Bytes of the OpenAI surface, tested with bytes.
@NullMarked
package dev.sluice.worker.wire;

import org.jspecify.annotations.NullMarked;
