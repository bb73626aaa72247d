/// What every provider must do, and what each does with faults.
@NullMarked
package dev.sluice.worker.provider;

import org.jspecify.annotations.NullMarked;
