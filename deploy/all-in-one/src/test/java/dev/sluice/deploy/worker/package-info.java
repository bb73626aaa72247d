/// The worker against a real broker, with a hand-written router.
@NullMarked
package dev.sluice.deploy.worker;

import org.jspecify.annotations.NullMarked;
