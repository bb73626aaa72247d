/// The router: the single writer of every job's state.
@NullMarked
package dev.sluice.router;

import org.jspecify.annotations.NullMarked;
