/// The log as the endpoints see it, whatever carries it.
@NullMarked
package dev.sluice.ingress.log;

import org.jspecify.annotations.NullMarked;
