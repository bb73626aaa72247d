/// Starts Sluice, kills and freezes it, and runs a whole campaign.
@NullMarked
package dev.sluice.ledgercheck.driver;

import org.jspecify.annotations.NullMarked;
