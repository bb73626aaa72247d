/// One HTTP call to a provider, whatever it speaks: connection, timeouts, cancel, answer.
@NullMarked
package dev.sluice.worker.exchange;

import org.jspecify.annotations.NullMarked;
