/// Ledgers on disk: one JSON object a line, only ever appended.
@NullMarked
package dev.sluice.ledgercheck.ledger;

import org.jspecify.annotations.NullMarked;
