/// What callbacks may go where, under what names, how often, and which is next.
@NullMarked
package dev.sluice.ingress.core.callback;

import org.jspecify.annotations.NullMarked;
