/// Removes bytes and records of files that nobody can read any more.
@NullMarked
package dev.sluice.ingress.sweep;

import org.jspecify.annotations.NullMarked;
