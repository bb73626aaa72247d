/// Pure records that cross a process border: ids, policy, prices, errors. Imports only `java.*`.
@NullMarked
package dev.sluice.contract.model;

import org.jspecify.annotations.NullMarked;
