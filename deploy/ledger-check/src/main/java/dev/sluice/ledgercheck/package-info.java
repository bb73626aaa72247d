/// The ledger check: outside programs write down what was accepted, called, answered and charged.
@NullMarked
package dev.sluice.ledgercheck;

import org.jspecify.annotations.NullMarked;
