/// Pure decisions of the ingress: who may ask, what a submission means, what a watcher sees.
@NullMarked
package dev.sluice.ingress.core;

import org.jspecify.annotations.NullMarked;
