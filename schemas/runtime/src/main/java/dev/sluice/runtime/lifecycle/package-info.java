/// How a service starts, drains and stops, and what it is handed.
@NullMarked
package dev.sluice.runtime.lifecycle;

import org.jspecify.annotations.NullMarked;
