/// The golden matrix of fixtures and pairs, and what cannot be translated.
@NullMarked
package dev.sluice.worker.dialect;

import org.jspecify.annotations.NullMarked;
