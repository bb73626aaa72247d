/// A provider that writes down every call before it answers.
@NullMarked
package dev.sluice.ledgercheck.mock;

import org.jspecify.annotations.NullMarked;
