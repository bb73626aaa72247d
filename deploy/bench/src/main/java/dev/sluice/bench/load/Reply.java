package dev.sluice.bench.load;

/// What came back, counted; the bytes themselves are not kept.
///
/// @param firstContentNanos clock when the first streamed text had arrived, 0 without any
record Reply(int status, int bodyBytes, int contentEvents, long firstContentNanos) {}
