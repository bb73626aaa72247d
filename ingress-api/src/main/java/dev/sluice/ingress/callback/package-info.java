/// Callbacks: who asked to be told, and telling them until they have heard.
@NullMarked
package dev.sluice.ingress.callback;

import org.jspecify.annotations.NullMarked;
