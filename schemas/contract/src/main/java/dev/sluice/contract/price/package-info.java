/// Exact money: what a call owes and what an answer is charged.
@NullMarked
package dev.sluice.contract.price;

import org.jspecify.annotations.NullMarked;
