/// Exactly-once money: the ledger becomes cost rows and running totals.
@NullMarked
package dev.sluice.metering;

import org.jspecify.annotations.NullMarked;
