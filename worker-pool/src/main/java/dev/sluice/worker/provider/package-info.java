/// The one interface behind which every provider is.
@NullMarked
package dev.sluice.worker.provider;

import org.jspecify.annotations.NullMarked;
