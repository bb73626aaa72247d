/// The join of the ledgers and the verdict, as pure functions over records.
@NullMarked
package dev.sluice.ledgercheck.core;

import org.jspecify.annotations.NullMarked;
