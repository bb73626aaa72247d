/// A tenant's own topics: the jobs it produces, and what it consumes.
@NullMarked
package dev.sluice.ingress.tenant;

import org.jspecify.annotations.NullMarked;
