/// What `sluice top` makes of the metrics of running processes. Pure.
@NullMarked
package dev.sluice.deploy.cli.top;

import org.jspecify.annotations.NullMarked;
