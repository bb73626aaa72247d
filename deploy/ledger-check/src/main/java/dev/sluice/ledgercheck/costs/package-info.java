/// Reads the cost topic as finance would: read committed, schema from the registry.
@NullMarked
package dev.sluice.ledgercheck.costs;

import org.jspecify.annotations.NullMarked;
