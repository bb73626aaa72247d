/// The front door: HTTP in, the log behind it.
@NullMarked
package dev.sluice.ingress;

import org.jspecify.annotations.NullMarked;
