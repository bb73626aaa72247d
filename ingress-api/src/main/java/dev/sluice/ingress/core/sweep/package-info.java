/// Which bytes may be removed, decided without a store.
@NullMarked
package dev.sluice.ingress.core.sweep;

import org.jspecify.annotations.NullMarked;
