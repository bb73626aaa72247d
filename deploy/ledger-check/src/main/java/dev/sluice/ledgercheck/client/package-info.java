/// A client that writes down every request and every answer.
@NullMarked
package dev.sluice.ledgercheck.client;

import org.jspecify.annotations.NullMarked;
