/// JSON read strictly and written by hand, in bytes.
@NullMarked
package dev.sluice.ingress.json;

import org.jspecify.annotations.NullMarked;
