/// Where the bytes of files are: written once, whole, and read in any part.
@NullMarked
package dev.sluice.ingress.blob;

import org.jspecify.annotations.NullMarked;
