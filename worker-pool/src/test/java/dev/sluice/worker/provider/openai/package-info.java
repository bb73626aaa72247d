/// Tests of the openai provider.
@NullMarked
package dev.sluice.worker.provider.openai;

import org.jspecify.annotations.NullMarked;
