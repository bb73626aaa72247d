/// Stories: small files of pools, policy, traffic and expectations, told on a whole Sluice or by
/// its routing core under a clock of their own.
@NullMarked
package dev.sluice.bench.story;

import org.jspecify.annotations.NullMarked;
