/// Pure records that cross a process border, ids, policy, prices, errors, and what services decide
/// about them alike. Imports only `java.*`.
@NullMarked
package dev.sluice.contract.model;

import org.jspecify.annotations.NullMarked;
