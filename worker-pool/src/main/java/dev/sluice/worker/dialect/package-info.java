/// Translation between the dialects of callers and providers: requests, answers, streams, errors.
/// Pure: no I/O, clock or chance.
@NullMarked
package dev.sluice.worker.dialect;

import org.jspecify.annotations.NullMarked;
