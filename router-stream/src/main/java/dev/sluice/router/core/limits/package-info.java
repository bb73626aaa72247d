/// What tenants and their parts may use, and what they have used. Pure: no clock, no log.
@NullMarked
package dev.sluice.router.core.limits;

import org.jspecify.annotations.NullMarked;
