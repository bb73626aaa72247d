/// What was measured, as Markdown and JSON.
@NullMarked
package dev.sluice.bench.report;

import org.jspecify.annotations.NullMarked;
