/// How Sluice is run: the embedded broker, all services in one process, and the command line.
@NullMarked
package dev.sluice.deploy;

import org.jspecify.annotations.NullMarked;
