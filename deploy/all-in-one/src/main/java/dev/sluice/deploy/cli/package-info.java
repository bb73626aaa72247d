/// The command line: one class a command.
@NullMarked
package dev.sluice.deploy.cli;

import org.jspecify.annotations.NullMarked;
