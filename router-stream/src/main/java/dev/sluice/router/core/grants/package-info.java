/// How much of each pool a router task may take, so that tenants share alike whichever task they
/// are of.
@NullMarked
package dev.sluice.router.core.grants;

import org.jspecify.annotations.NullMarked;
