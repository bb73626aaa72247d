package dev.sluice.metering.topology;

import org.apache.kafka.streams.processor.api.Record;

/// A readable ledger record on its way through the graph.
///
/// @param source as it was in the ledger, should it have to be set aside
record Settled(LedgerReading.Usable reading, Record<byte[], byte[]> source) {}
